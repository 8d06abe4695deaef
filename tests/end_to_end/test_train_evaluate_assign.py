"""The way of most users: fit, measure, ask about new data."""

import csv
import json
import re
import unittest

from cleave_command import InTemporaryFolder, result, run


class TrainEvaluateAssign(InTemporaryFolder):
    def test_a_table_goes_all_the_way(self):
        out = self.folder / "run"
        trained = result("train", "kmeans", self.blobs, "--label-column", "label", "--clusters", 3, "--out", out)
        self.assertEqual(set(trained), {"run", "seconds", "steps", "epochs", "resumable"})
        self.assertFalse(trained["resumable"])
        evaluation = result("evaluate", out)
        self.assertGreater(evaluation["facets"][0]["accuracy_hungarian"], 0.99)
        self.assertTrue((out / "evaluation.json").exists())
        text, _ = run("assign", out, self.blobs, "--label-column", "label")
        rows = list(csv.DictReader(text.splitlines()))
        self.assertEqual(len(rows), 600)
        self.assertEqual(len({row["cluster"] for row in rows}), 3)
        self.assertEqual({row["cluster"] for row in rows[0::3]}, {rows[0]["cluster"]})

    def test_a_report_counts_what_belongs_to_no_cluster(self):
        points = [(x + 0.1 * (i % 5), 0.1 * (i // 5)) for x in (0, 9) for i in range(25)]
        points += [(100 * i, 100) for i in range(1, 11)]
        (self.folder / "points.csv").write_text("a,b\n" + "".join(f"{x},{y}\n" for x, y in points), encoding="utf-8")
        run("train", "dbscan", self.folder / "points.csv", "--eps", 0.02, "--out", self.folder / "run")
        page = (self.folder / "run" / "report.html").read_text(encoding="utf-8")
        words = re.search("It found .*?</p>", page).group().replace("\u202f", " ")
        self.assertIn("2 clusters: the largest holds 42 % of the examples, the smallest 42 %; 10 belong to none", words)
        bars = (self.folder / "run" / "figures" / "occupancy.svg").read_text(encoding="utf-8")
        self.assertIn(">none<", bars)

    def test_drawn_glyphs_with_a_generative_model(self):
        out = self.folder / "run"
        run("train", "vade", "glyphs", "--size", 400, "--pretrain-epochs", 2, "--epochs", 2, "--hidden", "32,32",
            "--out", out)
        evaluation = result("evaluate", out)
        self.assertLessEqual({"facets", "knn_error", "bounds", "silhouette"}, set(evaluation))
        self.assertEqual([facet["against"] for facet in evaluation["facets"]], ["label", "digit"])
        for picture in ("sample", "traverse", "interpolate"):
            run(picture, out, "--out", self.folder / f"{picture}.png")
            self.assertTrue((self.folder / f"{picture}.png").read_bytes().startswith(b"\x89PNG"))
        run("traverse", out, "--layers", "--out", self.folder / "layers.png")
        self.assertTrue((self.folder / "layers.png").read_bytes().startswith(b"\x89PNG"))
        run("edit", out, "--example", "3,4", "--minus", "digit=1", "--plus", "5,6", "--out", self.folder / "edit.png")
        self.assertTrue((self.folder / "edit.png").read_bytes().startswith(b"\x89PNG"))
        _, err = run("edit", out, "--minus", "digits=1", "--plus", "5", expect=2)
        self.assertIn("digit", err.split("digits", 1)[1])
        map_of_codes = (out / "map.npy").read_bytes()
        (out / "map.npy").unlink()
        run("report", out)
        self.assertIn("<html", (out / "report.html").read_text(encoding="utf-8"))
        self.assertEqual((out / "map.npy").read_bytes(), map_of_codes)
        about = (out / "map.json").read_text(encoding="utf-8")
        (out / "map.json").write_text(json.dumps({**json.loads(about), "method": "PCA", "xxh3_64": "of other points"}),
                                      encoding="utf-8")
        run("report", out)  # draws the map anew
        self.assertEqual((out / "map.json").read_text(encoding="utf-8"), about)

    def test_cluster_says_which_train_line_does_the_same(self):
        _, err = run("cluster", self.blobs, "--label-column", "label", "-k", 3, "--out", self.folder / "a")
        line = next(line for line in err.splitlines() if "cleave train" in line)
        words = line.split("cleave train ")[1].split()
        run("train", *words, "--out", self.folder / "b", "--quiet")
        self.assertEqual((self.folder / "a" / "model.safetensors").read_bytes(),
                         (self.folder / "b" / "model.safetensors").read_bytes())

    def test_cluster_without_a_number_compares_criteria_and_goes_on(self):
        out = self.folder / "run"
        text, _ = run("cluster", self.blobs, "--label-column", "label", "--out", out)
        for word in ("silhouette", "gap", "BIC", "stability", "3 clusters, as"):
            self.assertIn(word, text)
        choice = json.loads((out / "choosing_k.json").read_text(encoding="utf-8"))
        self.assertEqual(choice["chosen"], 3)
        self.assertIn("clusters = 3", (out / "config.toml").read_text(encoding="utf-8"))
        self.assertIn("How many clusters", (out / "report.html").read_text(encoding="utf-8"))

    def test_a_first_stage_of_another_run_is_taken_over_or_refused(self):
        settings = ["--label-column", "label", "--clusters", 3, "--hidden", 8, "--latent-dim", 2, "--epochs", 2]
        run("train", "ae-kmeans", self.blobs, *settings, "--out", self.folder / "codes")
        run("train", "ae-gmm", self.blobs, *settings, "--out", self.folder / "alone")
        run("train", "ae-gmm", self.blobs, *settings, "--pretrained", self.folder / "codes", "--out", self.folder / "taken")
        self.assertEqual((self.folder / "taken" / "model.safetensors").read_bytes(),
                         (self.folder / "alone" / "model.safetensors").read_bytes())
        for refused, why in ((["--pretrained", self.folder / "codes", "--seed", 1], "seed is 0 there and 1 here"),
                             (["--pretrained", self.folder / "nowhere"], "nowhere")):
            _, err = run("train", "ae-gmm", self.blobs, *settings, *refused, "--out", self.folder / "none", expect=2)
            self.assertIn(why, err)
            self.assertFalse((self.folder / "none").exists())

    def test_pca_tells_the_shares_of_its_components(self):
        out = self.folder / "run"
        run("train", "pca", self.blobs, "--label-column", "label", "--out", out)
        variance = result("evaluate", out)["explained_variance"]
        self.assertEqual(len(variance["shares"]), 2)
        self.assertAlmostEqual(sum(variance["shares"]), variance["sum"])
        self.assertGreater(variance["shares"][0], variance["shares"][1])

    def test_compare_puts_runs_side_by_side(self):
        for seed in (0, 1):
            run("train", "kmeans", self.blobs, "--label-column", "label", "--clusters", 3, "--seed", seed,
                "--out", self.folder / f"run{seed}")
        runs = result("compare", self.folder / "run0", self.folder / "run1")["runs"]
        self.assertEqual([row["settings"] for row in runs], [{"seed": 0}, {"seed": 1}])

    def test_a_config_written_by_a_run_trains_the_same_again(self):
        run("train", "kmeans", self.blobs, "--label-column", "label", "--clusters", 3, "--out", self.folder / "a")
        run("train", "--config", self.folder / "a" / "config.toml", "--out", self.folder / "b")
        self.assertEqual((self.folder / "a" / "model.safetensors").read_bytes(),
                         (self.folder / "b" / "model.safetensors").read_bytes())


if __name__ == "__main__":
    unittest.main()
