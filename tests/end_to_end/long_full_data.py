"""The real data sets, whole, through train and evaluate. Needs CLEAVE_DATA; `make test-long` runs it."""

import json
import os
import pathlib
import signal
import time
import unittest

from cleave_command import InEmptyFolder, run, start

DATA = os.environ.get("CLEAVE_DATA", "")
CELLS = "scrna-mouse-bladder/mouse_bladder_cell_select_2100.h5"
FEW = ["--pretrain-epochs", "2", "--epochs", "2"]


@unittest.skipUnless(DATA, "needs real data: set CLEAVE_DATA to the folder that holds it")
class FullData(InEmptyFolder):
    def trained(self, data, *settings):
        """The folder of a vade run on all of the data, and its evaluation as evaluate --json prints it."""
        run("train", "vade", data, *FEW, *settings, "--out", self.folder / "a", "--quiet", timeout=1800)
        out, _ = run("evaluate", self.folder / "a", "--json", timeout=600)
        return self.folder / "a", json.loads(out)

    def assert_measured(self, evaluation, examples, least_accuracy):
        self.assertEqual(evaluation["n"], examples)
        facet = evaluation["facets"][0]
        for name in ("accuracy_hungarian", "accuracy_majority", "accuracy_simple", "nmi_arithmetic", "ari"):
            self.assertGreater(facet[name], 0, name)
        self.assertGreater(facet["accuracy_hungarian"], least_accuracy)
        self.assertGreaterEqual(evaluation["bounds"]["iwae"], evaluation["bounds"]["elbo"])

    def test_registered_sets(self):
        # Far above the share of the largest class, far below what full training gives.
        for name, examples, least in (("mnist", 70000, 0.5), ("fashion-mnist", 70000, 0.4), ("usps", 9298, 0.4),
                                      ("optdigits", 5620, 0.5)):
            with self.subTest(name):
                folder, evaluation = self.trained(name)
                self.assert_measured(evaluation, examples, least)
                self.assertGreater((folder / "report.html").stat().st_size, 100_000)
                folder.rename(self.folder / name)

    def test_documents(self):
        folder, evaluation = self.trained("reuters-r8", "--clusters", "8")
        self.assert_measured(evaluation, 7674, 0.3)

    def test_single_cells_by_path_with_a_count_likelihood(self):
        path = pathlib.Path(DATA) / CELLS
        folder, evaluation = self.trained(path, "--clusters", "16")
        self.assert_measured(evaluation, 2100, 0.15)
        self.assertIn('likelihood = "negative-binomial"', (folder / "config.toml").read_text(encoding="utf-8"))

    def test_first_step_on_mnist_within_three_seconds(self):
        begin = time.monotonic()
        process = start("train", "vade", "mnist", "--out", self.folder / "b")
        events = self.folder / "b" / "events.jsonl"
        while process.poll() is None and not events.exists():
            time.sleep(0.01)
        seconds = time.monotonic() - begin  # the log begins when the data are there and the first step is due
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=120)
        self.assertEqual(process.returncode, 130)
        self.assertLess(seconds, 3)


if __name__ == "__main__":
    unittest.main()
