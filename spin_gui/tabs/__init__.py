"""The tabs along the work, from import to export, and the small pages behind some of them."""
