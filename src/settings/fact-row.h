/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* A name and what it is, below it, to be read and copied. */
#define POSTSEAL_TYPE_FACT_ROW (postseal_fact_row_get_type ())
G_DECLARE_FINAL_TYPE (PostsealFactRow, postseal_fact_row, POSTSEAL, FACT_ROW, AdwPreferencesRow)

/* @icon: (nullable): a sign before it. @name: (nullable): only the value is shown */
GtkWidget *postseal_fact_row_new (const char *icon, const char *name, const char *value);

G_END_DECLS
