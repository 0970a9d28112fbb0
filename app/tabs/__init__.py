"""The three tabs of the list, each built once as data; page, JSON and workbook render the same object."""
