"""Whatever stops a run, it resumes to the same bytes. CLEAVE_KILLS says how often it is killed, 10 by default."""

import hashlib
import json
import os
import pathlib
import random
import shutil
import signal
import time
import unittest

from cleave_command import InTemporaryFolder, run, start

KILLS = int(os.environ.get("CLEAVE_KILLS", "10"))


def digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def log_of(folder):
    """The run's events without their times."""
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    for event in events:
        event.pop("seconds", None)
    return events


class Interruptions(InTemporaryFolder):
    def unbroken(self):
        """The folder of a run that nothing stopped, and how long it took."""
        begin = time.monotonic()
        run(*self.vade(), "--out", self.folder / "whole")
        return self.folder / "whole", time.monotonic() - begin

    def assert_same_run(self, folder, whole):
        self.assertEqual(digest(folder / "model.safetensors"), digest(whole / "model.safetensors"))
        self.assertEqual((folder / "assignments.csv").read_bytes(), (whole / "assignments.csv").read_bytes())
        self.assertEqual(log_of(folder), log_of(whole))

    def test_kill_at_random_moments(self):
        whole, seconds = self.unbroken()
        draw = random.Random(7)
        folder = self.folder / "killed"
        kills = 0
        while kills < KILLS:
            words = ["resume", folder] if (folder / "config.toml").exists() else [*self.vade(), "--out", folder]
            if folder.exists() and not (folder / "config.toml").exists():
                shutil.rmtree(folder)  # killed before it was a run
            process = start(*words)
            time.sleep(draw.uniform(0, 1.2 * seconds))
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                kills += 1
            _, err = process.communicate(timeout=60)
            self.assertIn(process.returncode, (0, -signal.SIGKILL), err)
            if process.returncode == 0:
                self.assert_same_run(folder, whole)
                shutil.rmtree(folder)
        if (folder / "config.toml").exists():
            run("resume", folder)
            self.assert_same_run(folder, whole)
            self.assertEqual([p for p in folder.rglob("*.tmp")], [])

    def test_control_c_saves_and_says_how_to_go_on(self):
        whole, seconds = self.unbroken()
        folder = self.folder / "stopped"
        process = start(*self.vade(), "--out", folder)
        while process.poll() is None and not (folder / "events.jsonl").exists():
            time.sleep(0.01)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        if process.returncode == 0:
            self.skipTest("the run was over before it could be stopped")
        self.assertEqual(process.returncode, 130, err)
        self.assertIn(f"cleave resume {folder}", err)
        run("resume", folder)
        self.assert_same_run(folder, whole)

    def test_a_damaged_checkpoint_falls_back_to_the_one_before(self):
        whole, seconds = self.unbroken()
        folder = self.folder / "stopped"
        process = start(*self.vade(), "--out", folder)
        deadline = time.monotonic() + 60
        while len(list((folder / "checkpoints").glob("[0-9]" * 10))) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        process.kill()
        process.communicate()
        newest = max((folder / "checkpoints").glob("[0-9]" * 10))
        model = newest / "model.safetensors"
        content = bytearray(model.read_bytes())
        content[len(content) // 2] ^= 1
        model.write_bytes(content)
        _, err = run("resume", folder)
        self.assertIn("damaged checkpoint", err)
        self.assert_same_run(folder, whole)


if __name__ == "__main__":
    unittest.main()
