"""A claim over several seeds: run, stopped, continued, recorded."""

import json
import unittest

from cleave_command import InEmptyFolder, write_npz

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


HELD_OUT = """
title = "two heaps"
seeds = 2
measures = ["/facets/0/accuracy_as_named"]
evaluated = "test"
[method]
name = "aux-cluster"
hidden = [8]
feature_dim = 2
epochs = 2
labelled_batch = 4
[data]
name = "heaps.npz"
split = "train"
labels = "own"
labels_per_class = 2
"""


GENERATOR = """
title = "two heaps, drawn"
seeds = 2
measures = ["/facets/0/accuracy_as_named"]
[method]
name = "n-vae"
hidden = [8]
epochs = 2
[data]
name = "moons"
size = 100
labels = "own"
"""

LEARNER = """
title = "a classifier of drawn heaps"
seeds = 2
measures = ["/facets/0/accuracy_as_named"]
generator = "drawing"
[method]
name = "classifier"
hidden = [8]
epochs = 2
[data]
name = "moons"
size = 100
labels = "own"
artificial_share = 0.4
"""


CODES = """
title = "two heaps, by their codes"
seeds = 2
measures = ["/facets/0/accuracy_hungarian", "/knn_error/3"]
[method]
name = "{method}"
hidden = [8]
latent_dim = 2
epochs = 2
[data]
name = "moons"
size = 100
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

    def test_without_reports_the_figures_are_the_same_and_reports_can_follow(self):
        self.claim()
        runs = self.folder / "runs" / "moons"
        measured = self.json("reproduce", "moons", "--no-reports")
        self.assertFalse((runs / "seed-0" / "report.html").exists())
        model = runs / "seed-0" / "model.safetensors"
        written = model.stat().st_mtime_ns
        self.assertEqual(self.json("reproduce", "moons", "--no-reports"), measured)
        self.assertEqual(self.json("reproduce", "moons")["runs"], measured["runs"])
        self.assertTrue((runs / "seed-1" / "report.html").exists())
        self.assertEqual(model.stat().st_mtime_ns, written)

    def test_a_recorded_sweep_goes_on_where_its_runs_are_gone(self):
        """As on another machine: what is kept beside the claim stands for the runs that it is of."""
        folder = self.claim()
        text = (folder / "claim.toml").read_text(encoding="utf-8")
        (folder / "claim.toml").write_text(text.replace("seeds = 2", "seeds = 1"), encoding="utf-8")
        self.json("reproduce", "moons")
        self.assertFalse((folder / "finished").exists())
        first = self.json("reproduce", "moons", "--record")
        self.assertFalse((folder / "finished").exists(), "nothing is left beside the result")
        # A sweep of more seeds that stopped after the first.
        asked = {key: value for key, value in first["asked"].items() if key != "seeds"}
        kept = {"asked": asked, "figures": {**first["runs"][0], "accuracy_hungarian": 0.625}, "provenance": first["provenance"]}
        (folder / "claim.toml").write_text(text, encoding="utf-8")
        for jobs in ("1", "2"):
            (folder / "finished").mkdir()
            (folder / "finished" / "seed-0.json").write_text(json.dumps(kept), encoding="utf-8")
            there = self.json("reproduce", "moons", "--record", "--jobs", jobs, "--out", f"gone-{jobs}")
            self.assertFalse((self.folder / f"gone-{jobs}" / "seed-0").exists())
            self.assertTrue((self.folder / f"gone-{jobs}" / "seed-1").exists())
            self.assertEqual(there["runs"][0]["accuracy_hungarian"], 0.625)
        # What is not to be recorded takes nothing from there, nor what asks something else.
        (folder / "finished").mkdir()
        (folder / "finished" / "seed-0.json").write_text(json.dumps(kept), encoding="utf-8")
        self.assertNotEqual(self.json("reproduce", "moons")["runs"][0]["accuracy_hungarian"], 0.625)
        self.claim(restarts=3)
        other = self.json("reproduce", "moons", "--record", "--out", "other")
        self.assertNotEqual(other["runs"][0]["accuracy_hungarian"], 0.625)

    def test_seeds_side_by_side_give_what_they_give_in_turn(self):
        self.claim()
        together = self.json("reproduce", "moons", "--jobs", "2", "--threads", "2")
        in_turn = self.json("reproduce", "moons", "--threads", "1", "--out", "again")
        self.assertEqual([run["seed"] for run in together["runs"]], [0, 1])
        for place in ("runs/moons", "again"):
            self.assertIn("threads\": 1", (self.folder / place / "seed-1" / "provenance.json").read_text(encoding="utf-8"))
        self.assertEqual(together["measures"], in_turn["measures"])

    def test_runs_that_were_begun_keep_their_threads_side_by_side(self):
        self.claim()
        begun = self.json("reproduce", "moons", "--threads", "3")
        for seed in (0, 1):  # as if stopped before the last files were written
            for name in ("model.safetensors", "evaluation.json", "report.html"):
                (self.folder / "runs" / "moons" / f"seed-{seed}" / name).unlink()
        out, err = self.command("reproduce", "moons", "--jobs", "2", "--json")
        self.assertNotIn("last digits", err)
        self.assertEqual(json.loads(out)["measures"], begun["measures"])

    def test_what_fails_side_by_side_is_said_once_and_ends_with_an_error(self):
        folder = self.claim()
        text = (folder / "claim.toml").read_text(encoding="utf-8").replace('"moons"\nsize', '"nowhere"\nsize')
        (folder / "claim.toml").write_text(text, encoding="utf-8")
        self.assertIn("2 of 2 processes", self.refusal(1, "reproduce", "moons", "--jobs", "2"))

    def test_fewer_seeds_than_claimed_are_never_recorded(self):
        folder = self.claim()
        self.assertIn("2 seeds", self.refusal(2, "reproduce", "moons", "--seeds", "1", "--record"))
        self.assertFalse((folder / "result.json").exists())

    def test_runs_of_another_claim_are_refused(self):
        self.claim()
        self.output("reproduce", "moons")
        self.claim(restarts=3)
        self.assertIn("restarts", self.refusal(2, "reproduce", "moons"))

    def test_held_out_data_are_measured_and_every_seed_draws_its_labels(self):
        labels = [i % 2 for i in range(60)]
        x = [9.0 * label + 0.01 * i for i, label in enumerate(labels)]
        write_npz(self.folder / "heaps.npz", x=("<f4", [60, 1], x), label=("<i8", [60], labels), n_train=("<i8", [], [40]))
        folder = self.folder / "reproduction" / "heaps"
        folder.mkdir(parents=True)
        (folder / "claim.toml").write_text(HELD_OUT, encoding="utf-8")
        self.json("reproduce", "heaps")
        sizes, seeds = set(), []
        for seed in (0, 1):
            run = self.folder / "runs" / "heaps" / f"seed-{seed}"
            sizes.add(json.loads((run / "evaluation_test.json").read_text(encoding="utf-8"))["n"])
            seeds.append(f"label_seed = {seed}" in (run / "config.toml").read_text(encoding="utf-8"))
        self.assertEqual((sizes, seeds), ({20}, [True, True]))

    def heaps(self, name, extra=""):
        folder = self.folder / "reproduction" / name
        folder.mkdir(parents=True)
        (folder / "claim.toml").write_text(extra, encoding="utf-8")

    def test_a_generator_draws_the_examples_of_another_claim_seed_by_seed(self):
        self.heaps("drawing", GENERATOR)
        self.heaps("learning", LEARNER)
        self.json("reproduce", "learning", "--record")
        runs = self.folder / "runs"
        for seed in (0, 1):
            config = (runs / "learning" / f"seed-{seed}" / "config.toml").read_text(encoding="utf-8")
            self.assertIn(f'drawing/seed-{seed}"', config)
            self.assertTrue((runs / "drawing" / f"seed-{seed}" / "report.html").exists())
        sums = {json.loads((runs / "learning" / f"seed-{seed}" / "provenance.json").read_text())["data"]["xxh3_64"]
                for seed in (0, 1)}
        self.assertEqual(len(sums), 2)

    def test_a_first_stage_is_taken_over_seed_by_seed(self):
        self.heaps("codes", CODES.format(method="ae-kmeans"))
        self.heaps("mixture", 'pretraining = "codes"\n' + CODES.format(method="ae-gmm"))
        taken = self.json("reproduce", "mixture")
        self.assertTrue((self.folder / "runs" / "codes" / "seed-1" / "report.html").exists())
        self.heaps("alone", CODES.format(method="ae-gmm"))
        self.assertEqual(taken["measures"], self.json("reproduce", "alone")["measures"])

    def test_another_first_stage_is_refused_by_what_differs(self):
        self.heaps("codes", CODES.format(method="ae-kmeans"))
        self.heaps("mixture", 'pretraining = "codes"\n' + CODES.format(method="ae-gmm").replace("[8]", "[9]"))
        self.assertIn("hidden is [8] there and [9] here", self.refusal(2, "reproduce", "mixture"))
        self.assertFalse((self.folder / "runs" / "mixture" / "seed-0").exists())

    def test_a_study_goes_over_its_settings_and_ends_with_a_page(self):
        self.heaps("study", CLAIM.format(restarts=1) + "[[vary]]\nclusters = [2, 4]\n")
        found = self.json("reproduce", "study")
        self.assertEqual([point["settings"]["clusters"] for point in found["points"]], [2, 4])
        self.assertTrue((self.folder / "runs" / "study" / "clusters=4" / "seed-1" / "report.html").exists())
        for seeds, jobs in ((1, 2), (2, 3)):  # more processes than seeds: they share the settings too
            place = f"together-{jobs}"
            together = self.json("reproduce", "study", "--seeds", str(seeds), "--jobs", str(jobs), "--out", place)
            self.assertEqual([[run["accuracy_hungarian"] for run in point["runs"]] for point in together["points"]],
                             [[run["accuracy_hungarian"] for run in point["runs"][:seeds]] for point in found["points"]])
        self.assertIn("svg", (self.folder / "runs" / "study" / "report.html").read_text(encoding="utf-8"))

    def test_an_absent_claim_is_told_where_claims_are_looked_for(self):
        self.assertIn("./reproduction, and there is no such folder here", self.refusal(2, "reproduce", "nowhere"))
        self.assertIn("no/where/claim.toml", self.refusal(2, "reproduce", "no/where"))
        self.claim()
        self.assertIn("did you mean 'moons'", self.refusal(2, "reproduce", "moon"))


if __name__ == "__main__":
    unittest.main()
