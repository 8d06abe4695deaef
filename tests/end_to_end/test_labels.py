"""Labels to learn from: only where they are asked for, and wrong ones are named."""

import json
import os
import unittest

from cleave_command import InTemporaryFolder, run


class Labels(InTemporaryFolder):
    def n_vae(self, labels, *more, expect=0):
        return run("train", "n-vae", self.blobs, "--label-column", "label", "--labels", labels, "--epochs", 2,
                   "--hidden", 16, "--out", self.folder / "run", *more, expect=expect)

    def given(self):
        return json.loads((self.folder / "run" / "provenance.json").read_text(encoding="utf-8"))["labels"]

    def test_two_labels_a_ring_are_enough_and_the_report_shows_how_it_came_about(self):
        run("train", "aux-cluster", "circles", "--size", 500, "--labels", "own", "--labels-per-class", 2, "--hidden", "64,64",
            "--feature-dim", 16, "--labelled-batch", 4, "--batch-size", 500, "--neighbours", 7, "--epochs", 100,
            "--learning-rate", 5e-3, "--out", self.folder / "run")
        out, _ = run("evaluate", self.folder / "run", "--json")
        self.assertEqual(json.loads(out)["facets"][0]["accuracy_as_named"], 1)
        self.assertIn("How the clustering came about", (self.folder / "run" / "report.html").read_text(encoding="utf-8"))
        for epoch in (1, 2, 4, 64, 100):  # of the last stage, after 20 epochs of the first
            self.assertTrue((self.folder / "run" / "figures" / f"after_epoch_{20 + epoch}.svg").exists(), epoch)

    def test_samples_are_a_data_set_that_others_learn_from(self):
        self.n_vae("own")
        samples = self.folder / "samples.npz"
        run("sample", self.folder / "run", "--count", 50, "--out", samples)
        found = json.loads(run("data", "inspect", samples, "--json")[0])
        self.assertEqual((found["examples"], found["labels"]), (150, {"0": 50, "1": 50, "2": 50}))

    def test_own_labels_all_or_some(self):
        self.n_vae("own", "--labels-per-class", 4, "--label-seed", 1)
        self.assertEqual((self.given()["given"], self.given()["classes"]), (12, 3))

    def test_the_clusters_of_a_run_are_labels(self):
        run("train", "kmeans", self.blobs, "--label-column", "label", "--clusters", 4, "--out", self.folder / "kmeans")
        self.n_vae(self.folder / "kmeans")
        self.assertEqual(self.given()["classes"], 4)
        page = (self.folder / "run" / "report.html").read_text(encoding="utf-8")
        self.assertIn(f"learned from the clusters of <code>{self.folder / 'kmeans'}</code>", page)
        self.assertNotIn("learned from labels", page)
        self.assertNotIn("never saw", page)

    def test_a_csv_file_is_read_and_its_faults_are_named(self):
        labels = self.folder / "labels.csv"
        labels.write_text("index,label\n0,a\n1,b\n0,b\n", encoding="utf-8")
        _, err = self.n_vae(labels, expect=3)
        self.assertIn("line 4", err)
        self.assertFalse((self.folder / "run").exists())
        labels.write_text("index,label\n0,a\n1,b\n2,\n", encoding="utf-8")
        self.n_vae(os.path.relpath(labels))
        self.assertEqual((self.given()["given"], self.given()["classes"]), (2, 2))
        config = (self.folder / "run" / "config.toml").read_text(encoding="utf-8")
        self.assertIn(f'labels = "{os.path.realpath(labels)}"', config)  # found again by a resume from elsewhere

    def test_resuming_with_other_labels_is_refused(self):
        labels = self.folder / "labels.csv"
        labels.write_text("index,label\n0,a\n1,b\n", encoding="utf-8")
        self.n_vae(labels)
        (self.folder / "run" / "model.safetensors").unlink()
        labels.write_text("index,label\n0,b\n1,a\n", encoding="utf-8")
        _, err = run("resume", self.folder / "run", expect=3)
        self.assertIn("labels", err)

    def test_classes_are_known_by_their_names(self):
        def table(name, classes):
            lines = [f"{9 * 'abc'.index(c) + i % 7:.1f},{9 * (c == 'b') + i % 5:.1f},{c}" for i in range(40) for c in classes]
            (self.folder / name).write_text("x,y,label\n" + "\n".join(lines) + "\n", encoding="utf-8")
            return self.folder / name

        abc, bc = table("abc.csv", "abc"), table("bc.csv", "bc")
        learn = ["--labels", "own", "--epochs", 200, "--batch-size", 40, "--hidden", 16]
        run("train", "classifier", abc, *learn, "--out", self.folder / "of_abc")
        facet = json.loads(run("evaluate", self.folder / "of_abc", bc, "--json")[0])["facets"][0]
        self.assertEqual((facet["accuracy_hungarian"], facet["accuracy_as_named"]), (1, 1))
        run("train", "n-vae", bc, *learn, "--out", self.folder / "drawing")
        drawn = ["--artificial", self.folder / "drawing"]
        run("train", "classifier", abc, *learn, *drawn, "--out", self.folder / "of_drawn")
        facet = json.loads(run("evaluate", self.folder / "of_drawn", bc, "--json")[0])["facets"][0]
        self.assertGreater(facet["accuracy_as_named"], 0.9)
        run("train", "n-vae", abc, *learn, "--out", self.folder / "more")
        _, err = run("train", "classifier", bc, *learn, "--artificial", self.folder / "more", "--out", self.folder / "none",
                     expect=2)
        self.assertIn("the run draws class 'a', but bc.csv has the classes b, c", err)

    def test_labels_are_for_methods_that_learn_from_them(self):
        _, err = run("train", "kmeans", self.blobs, "--label-column", "label", "--labels", "own", "--out",
                     self.folder / "run", expect=2)
        self.assertIn("does not learn from labels", err)
        _, err = run("train", "n-vae", self.blobs, "--label-column", "label", "--out", self.folder / "run", expect=2)
        self.assertIn("--labels", err)
        self.assertFalse((self.folder / "run").exists())


if __name__ == "__main__":
    unittest.main()
