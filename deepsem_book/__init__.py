"""What the book needs beside the model: data sets, rivals, and one folder per subject."""
