"""A place offered to a child: accept it or leave it."""
