"""Whether a page takes as long with a hundred thousand complaints in the database as with a thousand."""
