"""Invoices, PDFs and payments that enter by files: read, checked against what is there, then written."""
