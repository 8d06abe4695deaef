"""The command as a test runs it: the executable is named by the environment variable CLEAVE_COMMAND."""

import json
import os
import subprocess
import tempfile
import unittest

COMMAND = os.environ.get("CLEAVE_COMMAND", "build/cleave")


class CommandTest(unittest.TestCase):
    """Runs the command in a folder of its own, with no data folder and no colours unless a test says otherwise."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def run_command(self, *words, **environment):
        clean = {key: value for key, value in os.environ.items() if key != "CLEAVE_DATA"}
        return subprocess.run([os.path.abspath(COMMAND), *words], capture_output=True, text=True, cwd=self.folder,
                              env={**clean, **environment}, timeout=300)

    def succeed(self, *words, **environment):
        done = self.run_command(*words, **environment)
        self.assertEqual(done.returncode, 0, f"{words}: {done.stderr}")
        return done

    def succeed_json(self, *words, **environment):
        """The one JSON object that the command prints with --json."""
        lines = self.succeed(*words, "--json", **environment).stdout.splitlines()
        self.assertEqual(len(lines), 1, lines)
        return json.loads(lines[0])

    def fail(self, code, *words, **environment):
        """The standard error of a command that must end with that code and print nothing on standard output."""
        done = self.run_command(*words, **environment)
        self.assertEqual(done.returncode, code, f"{words}: {done.stdout}{done.stderr}")
        self.assertEqual(done.stdout, "")
        self.assertNotIn("frame #", done.stderr)
        return done.stderr

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)
        return name
