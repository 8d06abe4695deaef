"""A claim over several seeds: run, stopped, continued, recorded."""

import json
import unittest

from cleave_command import InEmptyFolder

CLAIM = """
title = "k-means on moons"
seeds = 2
measures = ["/facets/0/accuracy_hungarian"]
[method]
name = "kmeans"
clusters = 2
restarts = {restarts}
[data]
name = "moons"
size = 200
[expect]
each = [0.5, 1.0]
"""


class Reproduce(InEmptyFolder):
    def claim(self, restarts=2):
        folder = self.folder / "reproduction" / "moons"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "claim.toml").write_text(CLAIM.format(restarts=restarts), encoding="utf-8")
        return folder

    def test_every_seed_is_run_once_and_recorded(self):
        folder = self.claim()
        first = self.json("reproduce", "moons", "--seeds", "1")
        self.assertEqual([run["seed"] for run in first["runs"]], [0])
        model = self.folder / "runs" / "moons" / "seed-0" / "model.safetensors"
        written = model.stat().st_mtime_ns
        whole = self.json("reproduce", "moons", "--record")
        self.assertEqual([run["seed"] for run in whole["runs"]], [0, 1])
        self.assertEqual(whole["runs"][0], first["runs"][0])
        self.assertEqual(model.stat().st_mtime_ns, written)
        self.assertTrue(whole["held"])
        self.assertEqual(json.loads((folder / "result.json").read_text(encoding="utf-8")), whole)

    def test_fewer_seeds_than_claimed_are_never_recorded(self):
        folder = self.claim()
        self.assertIn("2 seeds", self.refusal(2, "reproduce", "moons", "--seeds", "1", "--record"))
        self.assertFalse((folder / "result.json").exists())

    def test_runs_of_another_claim_are_refused(self):
        self.claim()
        self.output("reproduce", "moons")
        self.claim(restarts=3)
        self.assertIn("restarts", self.refusal(2, "reproduce", "moons"))

    def test_an_absent_claim_is_named(self):
        self.assertIn("nowhere/claim.toml", self.refusal(2, "reproduce", "nowhere"))


if __name__ == "__main__":
    unittest.main()
