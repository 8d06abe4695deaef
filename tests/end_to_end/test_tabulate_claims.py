"""The pages that tools/tabulate_claims writes from results, and that --check sees when one of them is not current."""

import json
import shutil
import statistics
import subprocess
import sys
import unittest

from cleave_command import ROOT, InEmptyFolder

CLAIM = """
title = "{name} as a test"
measures = ["/facets/0/accuracy_hungarian", "wrong = /knn_error_features/3"]
[data]
name = "moons"
"""
EXPECTING = """
[expect]
mean = [0.9, 1]
[expect.wrong]
each = [0, 0.5]
[published]
value = 0.95
convention = "Hungarian accuracy"
source = "Somebody, 1999"
"""
PAGE, TABLE = "docs/results.md", "reproduction/README.md"
PLOT = "docs/images/results/moons-accuracy-hungarian.svg"


def summary(runs):
    """What a result says of each measure of its runs."""
    columns = {name: [run[name] for run in runs] for name in runs[0] if name != "seed"}
    return {name: {"mean": statistics.mean(column), "sd": statistics.stdev(column), "min": min(column), "max": max(column)}
            for name, column in columns.items()}


def outcome(accuracies, commit="0123456789ab"):
    runs = [{"seed": seed, "accuracy_hungarian": value, "wrong": 1 - value} for seed, value in enumerate(accuracies)]
    return {"runs": runs, "measures": summary(runs), "provenance": {"commits": [commit]}}


class TabulateClaims(InEmptyFolder):
    """Two claims of one data set, one of which misses what it expects, in a folder with a copy of the tool."""

    def setUp(self):
        super().setUp()
        shutil.copytree(ROOT / "tools", self.folder / "tools", ignore=shutil.ignore_patterns("__pycache__"))
        (self.folder / "reproduction").mkdir()
        self.write(TABLE, "Before.\n<!-- results -->\n<!-- end of results -->\nAfter.\n")
        self.claim("moons-kmeans", outcome([0.7, 0.8, 0.9]))
        with_more = outcome([0.5, 0.6])
        for seed, run in enumerate(with_more["runs"]):
            run.update({"nmi_arithmetic": 0.2 + 0.1 * seed, "knn 3": 0.04 + 0.01 * seed, "knn 10": 0.05 + 0.01 * seed})
        self.claim("moons-gmm", {**with_more, "measures": summary(with_more["runs"])}, EXPECTING)
        self.tabulate()

    def claim(self, name, result, more=""):
        folder = self.folder / "reproduction" / name
        folder.mkdir()
        (folder / "claim.toml").write_text(CLAIM.format(name=name) + more, encoding="utf-8")
        (folder / "result.json").write_text(json.dumps({"claim": name, **result}), encoding="utf-8")

    def tabulate(self, *words, expect=0):
        """What the tool prints where it says how it went."""
        done = subprocess.run([sys.executable, self.folder / "tools" / "tabulate_claims", *words], capture_output=True,
                              encoding="utf-8")
        self.assertEqual(done.returncode, expect, done.stderr)
        return done.stderr if expect else done.stdout

    def text(self, name):
        return (self.folder / name).read_text(encoding="utf-8")

    def test_what_was_written_is_current_and_is_written_alike_again(self):
        self.tabulate("--check")
        before = [self.text(name) for name in (PAGE, TABLE, PLOT)]
        for name in (PAGE, PLOT):
            (self.folder / name).unlink()
        self.tabulate()
        self.assertEqual([self.text(name) for name in (PAGE, TABLE, PLOT)], before)

    def test_a_page_a_table_or_a_plot_that_differs_is_named_and_left_alone(self):
        for name in (PAGE, TABLE, PLOT):
            with self.subTest(name):
                changed = self.text(name).replace("gmm", "gmn")
                self.write(name, changed)
                self.assertIn(name, self.tabulate("--check", expect=1))
                self.assertEqual(self.text(name), changed)
                self.tabulate()
                self.tabulate("--check")

    def test_a_plot_that_is_absent_or_left_over_is_named(self):
        (self.folder / PLOT).unlink()
        self.assertIn(PLOT, self.tabulate("--check", expect=1))
        self.tabulate()
        self.write("docs/images/results/gone.svg", "<svg/>")
        self.assertIn("gone.svg", self.tabulate("--check", expect=1))
        self.tabulate()
        self.assertFalse((self.folder / "docs/images/results/gone.svg").exists())

    def test_a_result_that_changes_makes_the_page_the_table_and_the_plot_stale(self):
        shutil.rmtree(self.folder / "reproduction" / "moons-kmeans")
        self.claim("moons-kmeans", outcome([0.7, 0.8, 0.85]))
        said = self.tabulate("--check", expect=1)
        for name in (PAGE, TABLE, PLOT):
            self.assertIn(name, said)

    def test_what_no_commit_can_give_again_is_refused_and_nothing_is_written(self):
        before = self.text(PAGE)
        self.claim("moons-vade", outcome([0.9, 1], commit="0123456789ab+changes"))
        self.assertIn("moons-vade/result.json: from a build of files that no commit holds", self.tabulate(expect=1))
        self.assertEqual(self.text(PAGE), before)

    def test_what_a_claim_asks_now_must_be_what_its_figures_answer(self):
        asked = {"data": {"name": "moons"}}
        self.claim("moons-vade", {**outcome([0.9, 1]), "asked": asked})
        self.tabulate()
        self.write("reproduction/moons-vade/claim.toml", CLAIM.format(name="moons-vade") + "size = 300\n")
        self.assertIn("moons-vade/result.json: its claim has asked something else of 'data'", self.tabulate(expect=1))

    def test_every_measure_of_a_claim_is_recorded_from_its_place(self):
        claim = CLAIM.format(name="moons-vade")
        measures = ["accuracy_hungarian = /facets/0/accuracy_hungarian", "wrong = /knn_error_features/3"]
        self.claim("moons-vade", {**outcome([0.9, 1]), "asked": {"data": {"name": "moons"}, "measures": measures}})
        self.tabulate()
        for place in ("/facets/1/accuracy_hungarian", "/facets/0/accuracy_simple"):
            self.write("reproduction/moons-vade/claim.toml", claim.replace("/facets/0/accuracy_hungarian", place))
            self.assertIn(f"holds no figure of '{place.split('/')[-1]}' at {place}", self.tabulate(expect=1))
        shutil.rmtree(self.folder / "reproduction" / "moons-vade")
        self.claim("moons-vade", outcome([0.9, 1]))  # of before places were recorded
        self.tabulate()
        self.write("reproduction/moons-vade/claim.toml", claim.replace("/facets/0/accuracy_hungarian", place))
        self.assertIn("holds no figure of 'accuracy_simple'", self.tabulate(expect=1))

    def test_every_seed_is_a_dot_beside_the_mean_and_the_published_figure(self):
        plot = self.text(PLOT)
        legend = 1
        self.assertEqual((plot.count("<circle"), plot.count("#111"), plot.count("#b3400e")),
                         (5 + legend, 2 + legend, 1 + legend))

    def test_a_miss_is_a_miss_and_the_worst_seed_of_an_error_is_the_largest(self):
        page = self.text(PAGE)
        self.assertIn("| 0.550 ± 0.071 | 0.500 … 0.600 | 2 | 0.250 | 4.50 / 5.50 | 0.95 | mean in 0.9 to 1 (**missed**) |", page)
        self.assertIn("| 0.450 ± 0.071 | 0.500 … 0.400 | 2 |  |  | - | each in 0 to 0.5 (held) |", page)
        self.assertIn("0 held and 1 missed: [moons-gmm]", page)
        self.assertIn("0.95 (Hungarian accuracy; Somebody, 1999)", page)

    def test_a_study_has_a_table_of_its_own_on_both(self):
        points = [{"settings": {"clusters": k}, **outcome([0.1 * k, 0.1 * k])} for k in (2, 4)]
        self.claim("moons-study", {"points": points, "provenance": points[0].pop("provenance")})
        self.tabulate()
        for name in (PAGE, TABLE):
            self.assertIn("| clusters 4 | 0.400 ± 0.000 | 0.600 ± 0.000 |", self.text(name))


if __name__ == "__main__":
    unittest.main()
