"""Disks, folders and files that do not cooperate end in one clear error and lose nothing."""

import os
import random
import resource
import shlex
import signal
import subprocess
import unittest

from cleave_command import COMMAND, InTemporaryFolder, run


class Trouble(InTemporaryFolder):
    def kmeans(self, out):
        return ["train", "kmeans", self.blobs, "--label-column", "label", "--clusters", 3, "--out", out]

    def test_a_folder_in_use_is_refused_and_kept(self):
        out = self.folder / "run"
        run(*self.kmeans(out))
        before = sorted((p.name, p.stat().st_mtime_ns) for p in out.rglob("*"))
        _, err = run(*self.kmeans(out), expect=2)
        self.assertIn("cleave resume", err)
        self.assertEqual(sorted((p.name, p.stat().st_mtime_ns) for p in out.rglob("*")), before)

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_a_read_only_folder_is_named(self):
        locked = self.folder / "locked"
        locked.mkdir(mode=0o500)
        _, err = run(*self.kmeans(locked / "run"), expect=1)
        self.assertIn(str(locked / "run"), err)

    def test_a_place_where_no_folder_can_be_is_named(self):
        _, err = run(*self.kmeans("/proc/run"), "--quiet", expect=1)
        self.assertIn("/proc/run", err)
        self.assertEqual(len(err.splitlines()), 1, err)

    def test_a_full_disk_keeps_the_last_good_checkpoint(self):
        # A limit on the size of files is a full disk for whoever writes: here the log of events reaches it.
        def small_disk():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, resource.RLIM_INFINITY))

        out = self.folder / "run"
        _, err = run(*self.vade(epochs=200), "--out", out, expect=1, preexec_fn=small_disk)
        self.assertIn("cannot write", err)
        self.assertEqual([p for p in out.rglob("*.tmp")], [])
        self.assertTrue(list((out / "checkpoints").iterdir()))
        run("resume", out)

    def test_a_fit_goes_on_when_standard_error_cannot_be_written(self):
        for name, nobody in (("full", "2>/dev/full"), ("closed", "2>&-")):
            out = self.folder / name
            line = shlex.join(map(str, [COMMAND, *self.kmeans(out)]))
            done = subprocess.run(f"{line} {nobody}", shell=True, stdout=subprocess.PIPE)
            self.assertEqual(done.returncode, 0, nobody)
            self.assertTrue((out / "report.html").exists())

    def test_a_handful_of_examples_ends_with_a_report(self):
        for count in (1, 2, 4):
            data = self.folder / f"{count}.csv"
            data.write_text("a,b,label\n" + "".join(f"{i},{i * i},{i % 2}\n" for i in range(count)), encoding="utf-8")
            out = self.folder / f"run-{count}"
            run("train", "kmeans", data, "--label-column", "label", "--clusters", 1, "--out", out)
            self.assertTrue((out / "report.html").exists())

    def test_a_handful_of_examples_is_clustered_without_being_told_a_number(self):
        data = self.folder / "four.csv"
        data.write_text("a,b\n1,2\n1.5,2\n9,8\n9,8.5\n", encoding="utf-8")
        run("cluster", data, "--out", self.folder / "run")
        self.assertTrue((self.folder / "run" / "choosing_k.json").exists())

    def test_data_without_a_cluster_are_all_noise_and_end_with_a_report(self):
        draw = random.Random(1)
        data = self.folder / "uniform.csv"
        data.write_text("".join(f"{draw.random()},{draw.random()}\n" for _ in range(60)), encoding="utf-8")
        for method, setting in (("hdbscan", ["--min-cluster-size", 15]), ("dbscan", ["--eps", 0.0001])):
            out = self.folder / method
            run("train", method, data, *setting, "--out", out)
            lines = (out / "assignments.csv").read_text(encoding="utf-8").splitlines()[1:]
            self.assertEqual({line.split(",")[1] for line in lines}, {"-1"}, method)
            self.assertTrue((out / "report.html").exists())
            run("resume", out)

    def test_bad_data_writes_nothing(self):
        bad = self.folder / "bad.csv"
        bad.write_text("1,2\n3,oops\n", encoding="utf-8")
        _, err = run("train", "kmeans", bad, "--out", self.folder / "run", expect=3)
        self.assertIn("bad.csv", err)
        self.assertFalse((self.folder / "run").exists())

    def test_a_method_that_cannot_have_the_data_leaves_no_folder(self):
        out = self.folder / "run"
        _, err = run("train", "tsne", self.blobs, "--label-column", "label", "--perplexity", 5000, "--out", out, expect=2)
        self.assertIn("perplexity", err)
        self.assertFalse(out.exists())

    def test_more_clusters_than_examples_leave_no_folder(self):
        out = self.folder / "run"
        _, err = run("train", "ae-kmeans", self.blobs, "--clusters", 5000, "--out", out, expect=2)
        self.assertIn("--clusters: 5000 asked of", err)
        self.assertFalse(out.exists())

    def test_a_report_sweeps_away_what_a_killed_one_left(self):
        out = self.folder / "run"
        run(*self.kmeans(out))
        left = out / "figures" / "features.svg.99999999-3.tmp"
        left.write_text("half", encoding="utf-8")
        run("report", out)
        self.assertFalse(left.exists())

    def test_labels_that_are_not_there_are_named(self):
        _, err = run("train", "classifier", self.blobs, "--labels", self.folder / "no.csv", expect=3)
        self.assertIn("no.csv: no such file", err)

    def test_data_that_moved_may_be_put_back_or_linked(self):
        out, moved = self.folder / "run", self.folder / "moved.csv"
        run(*self.kmeans(out))
        self.blobs.rename(moved)
        for verb in ("report", "resume"):
            _, err = run(verb, out, expect=3)
            self.assertIn("put them back, or a link", err)
        self.blobs.symlink_to(moved)
        run("report", out)

    def test_other_data_than_the_run_was_fitted_to_are_refused(self):
        out = self.folder / "run"
        run(*self.kmeans(out))
        narrow = self.folder / "narrow.csv"
        narrow.write_text("1,2\n3,4\n", encoding="utf-8")
        _, err = run("assign", out, narrow, expect=3)
        self.assertIn("fitted to examples of 12", err)

    def test_what_the_system_refuses_is_named_in_words(self):
        name = "x" * 300
        _, err = run("reproduce", name, expect=1)
        self.assertEqual(err, f"cleave: {name}/claim.toml: File name too long\n")

    def test_damaged_runs_are_named(self):
        out = self.folder / "run"
        run(*self.kmeans(out))
        model = out / "model.safetensors"
        model.write_bytes(model.read_bytes()[:-1])
        _, err = run("evaluate", out, expect=4)
        self.assertIn("model.safetensors", err)
        (out / "config.toml").write_text("seed = = 1", encoding="utf-8")
        _, err = run("resume", out, expect=4)
        self.assertIn("config.toml:1:", err)


if __name__ == "__main__":
    unittest.main()
