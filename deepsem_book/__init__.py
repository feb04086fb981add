"""What the book needs beside `deepsem_minimal`: one folder a subject."""
