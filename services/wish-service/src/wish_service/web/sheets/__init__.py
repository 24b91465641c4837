"""Tables of wishes in files: read from CSV and .xlsx, written as CSV and .xlsx, and the template to fill in."""
