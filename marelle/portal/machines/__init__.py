"""What machines ask of the portal: whether it lives, whether it is ready, its figures. No page of anybody."""
