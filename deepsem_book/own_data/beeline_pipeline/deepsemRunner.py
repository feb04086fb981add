"""DeepSEM for BEELINE's pipeline, version 1.1: goes into its folder BLRun.

`generateInputs` puts the expression into the working folder, `run` starts the container, and
`parseOutput` writes `rankedEdges.csv`, which BEELINE's evaluation reads.
"""

import shlex
import shutil

import pandas as pd
from BLRun.runner import Runner

OPTIONS = ("preset", "seeds", "epochs")  # of run_deepsem.py, from `params` of BEELINE's YAML


IMAGE = "deepsem:base"  # where the configuration names none


class DEEPSEMRunner(Runner):
    """DeepSEM as trained by the package deepsem_minimal, in the image that the YAML names."""

    def generateInputs(self):
        wrong = [name for name in self.params if name not in (*OPTIONS, "should_run")]
        several = [name for name in OPTIONS if isinstance(self.params.get(name), list)]
        if wrong or several:
            raise ValueError(
                f"DEEPSEM: params are {', '.join(OPTIONS)}, one value each; not "
                f"{', '.join(wrong + several)}"
            )
        shutil.copyfile(self.input_dir / self.exprData, self.working_dir / "ExpressionData.csv")

    def run(self):
        folder = "/usr/working_dir"  # the working folder as the container sees it
        words = ["python /deepsem/run_deepsem.py", f"--inFile {folder}/ExpressionData.csv"]
        words += [f"--outFile {folder}/outFile.txt"]
        words += [f"--{name} {self.params[name]}" for name in OPTIONS if name in self.params]
        inside = f"/usr/bin/time -v -o {folder}/time.txt {' '.join(words)}"
        mount = shlex.quote(f"{self.working_dir.resolve()}:{folder}")
        image = shlex.quote(getattr(self, "image", None) or IMAGE)
        self._run_docker(f"docker run --rm -v {mount} {image} /bin/sh -c {shlex.quote(inside)}")

    def parseOutput(self):
        file = self.working_dir / "outFile.txt"
        if not file.exists():
            print(f"{file} does not exist, skipping...")
            return
        edges = pd.read_csv(file, sep="\t", keep_default_na=False)
        self._write_ranked_edges(edges[["Gene1", "Gene2", "EdgeWeight"]])
