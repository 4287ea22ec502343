/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "settings/session.h"

G_BEGIN_DECLS

/* The one window: a page upon a page, the list of accounts below all others. */
#define POSTSEAL_TYPE_WINDOW (postseal_window_get_type ())
G_DECLARE_FINAL_TYPE (PostsealWindow, postseal_window, POSTSEAL, WINDOW, AdwApplicationWindow)

/* Actions: "win.add", "win.import", "win.edit(s)" opens an account's page, "win.back" leaves the
   topmost page. None of them opens what is open already. Escape and Alt+Left go back, too, unless
   the page says no. */

/* @application: (nullable): in tests there is none */
PostsealWindow *postseal_window_new (GtkApplication *application, PostsealSession *session);
PostsealSession *postseal_window_get_session (PostsealWindow *self);

/* Puts @page on top. A page that is left is destroyed. */
void postseal_window_open (PostsealWindow *self, GtkWidget *page);
/* The topmost page. Returns: (transfer none) */
GtkWidget *postseal_window_get_page (PostsealWindow *self);
/* Leaves @page and what is above it; nothing when it is not open. */
void postseal_window_close_page (PostsealWindow *self, GtkWidget *page);

G_END_DECLS
