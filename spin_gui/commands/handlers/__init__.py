"""What each action of the window does: a module for each menu or two."""

from spin_gui.commands.handlers.all_handlers import AllHandlers

__all__ = ["AllHandlers"]
