"""What the book needs beside the package that it explains."""
