"""The steps from documents to plans, one function a file."""
