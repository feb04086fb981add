"""What the book needs beside the model: data sets, rivals, and one folder per subject."""

import time

STARTED = time.perf_counter()  # the first import of a chapter
