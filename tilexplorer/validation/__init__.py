"""What a source's rows may not be, as schemas by subject, and the report of everything that is wrong in them."""
