"""The report as a workbook for a spreadsheet."""
