"""Pages and addresses of the record: one module for each kind."""
