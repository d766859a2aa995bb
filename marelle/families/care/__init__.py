"""The care of a child: its health sheet, who may fetch it, what its parents authorise."""
