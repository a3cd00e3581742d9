"""Any recording as a folder of tables, such as a laboratory writes by hand."""
