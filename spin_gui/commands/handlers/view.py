"""What the actions of the View menu do."""
# ruff: noqa: FBT001 - slots of Qt take what a switch says by position

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import Slot

from spin_gui.commands.handlers.base import Handler, MenuHandlers
from spin_gui.commands.records import COLUMN_ACTIONS, SEE_ACTIONS, THEME_ACTIONS
from spin_gui.widgets.theme import Theme

SWITCHED_ON_AT_FIRST = frozenset(
    {"view.keypoints", "view.list", "view.details", "view.one_large", *COLUMN_ACTIONS}
)


class ViewHandlers(MenuHandlers):
    """What is shown, and how the window looks."""

    def by_id(self) -> dict[str, Handler]:
        """The handler of each action."""
        return {
            "view.one_large": self.show_one_large,
            "view.only_view": self.show_only_views,
            **dict.fromkeys(SEE_ACTIONS, self.see),
            **dict.fromkeys(COLUMN_ACTIONS, self.show_column),
            "view.hide_overlay": self.hide_overlay,
            "view.keypoints": self.show_keypoints,
            "view.whole_picture": self.show_whole_picture,
            "view.everyone": self.show_everyone,
            "view.style": self.next_style,
            "view.wipe": self.wipe,
            "view.reset": self.reset_view,
            "view.list": self.show_list,
            "view.details": self.show_details,
            "view.fold_strips": self.fold_strips,
            "view.reset_layout": self.reset_layout,
            "view.theme_system": self.choose_theme,
            "view.theme_light": self.choose_theme,
            "view.theme_dark": self.choose_theme,
            "view.full_screen": self.show_full_screen,
        }

    def apply_switches(self) -> None:
        """Let a freshly opened page and the menu follow the remembered switches."""
        self._apply({"view.list": self.show_list, "view.details": self.show_details})
        if self._page is not None and self._page.is_complete:
            self.apply_view_switches()

    def apply_view_switches(self) -> None:
        """The same for the views, once they are there."""
        self._restore_look()
        self._apply(
            {
                "view.hide_overlay": self.hide_overlay,
                "view.keypoints": self.show_keypoints,
                "view.whole_picture": self.show_whole_picture,
                "view.everyone": self.show_everyone,
                "view.one_large": self.show_one_large,
                "view.wipe": self.wipe,
                **{
                    action_id: partial(self._show_column, action_id) for action_id in COLUMN_ACTIONS
                },
            }
        )

    def _restore_look(self) -> None:
        """How bodies were drawn last time; what cannot be understood counts as never chosen."""
        from spin_gui.viewer.body_style import BodyStyle

        if self._page is None:
            return
        settings, views = self._workspace.settings, self._page.views
        style = settings.choice("view.style", default="")
        if style in set(BodyStyle):
            views.set_style(BodyStyle(style))
        percent = settings.choice("view.opacity", default="")
        if percent.isdigit():
            views.controls.opacity.setValue(int(percent))

    def _apply(self, switches: Mapping[str, Callable[[bool], None]]) -> None:
        settings = self._workspace.settings
        for action_id, switch in switches.items():
            on = settings.flag(action_id, default=action_id in SWITCHED_ON_AT_FIRST)
            self._workspace.commands.check(action_id, checked=on)
            switch(on)

    @Slot(bool)
    def hide_overlay(self, hidden: bool) -> None:
        """Hide the bodies until switched back; forgotten when the project is closed."""
        if self._page is not None:
            self._page.views.set_overlay_hidden(hidden)
            self._page.correcting.set_overlay_hidden(hidden=hidden)

    @Slot(bool)
    def hold_overlay_hidden(self, held: bool) -> None:
        """The key is down or up: hidden meanwhile, then as the menu's switch says."""
        switched = self._workspace.commands["view.hide_overlay"].isChecked()
        self.hide_overlay(held or switched)

    @Slot(bool)
    def show_keypoints(self, shown: bool) -> None:
        """Draw the keypoints or not."""
        self._remember("view.keypoints", on=shown)
        if self._page is not None:
            self._page.views.set_keypoints_shown(shown)

    @Slot(bool)
    def show_whole_picture(self, whole: bool) -> None:
        """Whole picture or the person's crop."""
        self._remember("view.whole_picture", on=whole)
        if self._page is not None:
            self._page.views.set_whole_picture(whole)

    @Slot(bool)
    def show_everyone(self, everyone: bool) -> None:
        """Draw the other people of the picture, too, or not."""
        self._remember("view.everyone", on=everyone)
        if self._page is not None:
            self._page.views.set_everyone(everyone)

    # Which views

    @Slot(bool)
    def show_one_large(self, one_large: bool) -> None:
        """One view large, or all in a grid."""
        self._remember("view.one_large", on=one_large)
        if self._page is not None:
            self._page.views.set_one_large(one_large)

    @Slot(bool)
    def follow_one_large(self, one_large: bool) -> None:
        """Make the menu agree with a digit that led from the grid to a large view."""
        self._workspace.commands.check("view.one_large", checked=one_large)
        self._remember("view.one_large", on=one_large)

    @Slot()
    def see(self) -> None:
        """Show the view whose action was chosen large."""
        sender = self.sender()
        if self._page is not None and sender is not None:
            self._page.views.see(SEE_ACTIONS[sender.objectName()])

    @Slot(bool)
    def show_column(self, shown: bool) -> None:
        """Show the column whose switch was chosen, or not."""
        sender = self.sender()
        if sender is not None:
            self._show_column(sender.objectName(), shown)

    def _show_column(self, action_id: str, shown: bool) -> None:
        from spin_gui.viewer.sample_scene import Column

        self._remember(action_id, on=shown)
        if self._page is not None:
            column = Column(COLUMN_ACTIONS[action_id])
            self._page.views.set_column_shown(column, shown=shown)

    @Slot(bool)
    def show_only_views(self, only_views: bool) -> None:
        """The whole screen for the views; list and details come back as they were."""
        page, settings = self._page, self._workspace.settings
        if page is not None:
            page.samples.setVisible(not only_views and settings.flag("view.list", default=True))
            page.set_details(shown=not only_views and settings.flag("view.details", default=True))
            if only_views:
                self._window.setFocus()  # a hidden list would keep Esc for itself
            else:
                page.samples.focus_list()
        self._workspace.commands.check("view.full_screen", checked=only_views)
        self.show_full_screen(only_views)

    @Slot()
    def next_style(self) -> None:
        """Draw bodies in the next way."""
        if self._page is not None:
            self._page.views.next_style()

    @Slot(bool)
    def wipe(self, wiping: bool) -> None:
        """Show a second body on the other side of a line, or one alone."""
        self._remember("view.wipe", on=wiping)
        if self._page is not None:
            self._page.views.set_wiping(wiping)

    @Slot(object)
    def remember_style(self, style: str) -> None:
        """Bodies are drawn in another way from now on."""
        self._workspace.settings.set_choice("view.style", str(style))

    @Slot(float)
    def remember_opacity(self, opacity: float) -> None:
        """Bodies over pictures have another opacity, 0..1, from now on."""
        self._workspace.settings.set_choice("view.opacity", str(round(100 * opacity)))

    # Switches below the views

    @Slot(bool)
    def follow_keypoints(self, shown: bool) -> None:
        """Make the menu agree with the switch for keypoints below the views."""
        self._workspace.commands.check("view.keypoints", checked=shown)
        self._remember("view.keypoints", on=shown)

    @Slot(bool)
    def follow_whole_picture(self, whole: bool) -> None:
        """Make the menu agree with the switch for whole pictures below the views."""
        self._workspace.commands.check("view.whole_picture", checked=whole)
        self._remember("view.whole_picture", on=whole)

    @Slot()
    def reset_view(self) -> None:
        """Take back orbit, zoom and pan."""
        if self._page is not None:
            self._page.reset_view()

    @Slot(bool)
    def show_list(self, shown: bool) -> None:
        """Show or hide the list."""
        self._remember("view.list", on=shown)
        if self._page is not None:
            self._page.samples.setVisible(shown)

    @Slot(bool)
    def show_details(self, shown: bool) -> None:
        """Show or hide the details."""
        self._remember("view.details", on=shown)
        if self._page is not None:
            self._page.set_details(shown=shown)

    @Slot()
    def fold_strips(self) -> None:
        """Fold the strips around the views, or unfold them."""
        if self._page is not None:
            self._page.fold_strips()

    @Slot()
    def reset_layout(self) -> None:
        """First widths, both side panels shown."""
        for action_id in ("view.list", "view.details"):
            self._workspace.commands[action_id].setChecked(True)
        if self._page is not None:
            self._page.reset_layout()

    @Slot(bool)
    def choose_theme(self, chosen: bool) -> None:
        """Show the theme whose action was chosen."""
        sender = self.sender()
        if chosen and sender is not None:
            self._workspace.set_theme(Theme(THEME_ACTIONS[sender.objectName()]))

    @Slot(bool)
    def show_full_screen(self, full: bool) -> None:
        """Use the whole screen, or go back to a window."""
        if full:
            self._window.showFullScreen()
        else:
            self._window.showNormal()

    def _remember(self, switch: str, *, on: bool) -> None:
        self._workspace.settings.set_flag(switch, on=on)
