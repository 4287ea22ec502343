/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "setup/account-form.h"

G_BEGIN_DECLS

/* A widget that shows one key of an account's form and changes it: what is typed is in the form at
   once. A mistake is told right below it. */
#define POSTSEAL_TYPE_FIELD (postseal_field_get_type ())
G_DECLARE_INTERFACE (PostsealField, postseal_field, POSTSEAL, FIELD, GtkWidget)

/* What each of them has; all of it is managed by the functions below. */
typedef struct
{
  char *key; /* owned, nullable: of accounts.conf; NULL: its owner knows better */
  PostsealAccountForm *form; /* owned, nullable */
  gulong handler; /* of the form's "changed" */
  gboolean is_busy; /* it shows or writes just now: what changes then is no news */
  GtkWidget *mistake; /* borrowed, nullable: the row below */
} PostsealFieldLink;

struct _PostsealFieldInterface
{
  GTypeInterface parent;

  PostsealFieldLink *(*get_link) (PostsealField *self);
  /* Shows what the form has. */
  void (*read) (PostsealField *self);
  /* Another key of the form has changed. NULL: that is of no interest */
  void (*notice) (PostsealField *self);
  /* @mistake: (nullable). NULL: a row below the widget */
  void (*tell) (PostsealField *self, const char *mistake);
  /* Where the cursor belongs to mend a mistake. Returns: (transfer none). NULL: the widget itself.
     Not grab_focus(): by that Tab would enter a group here, past the rows above. */
  GtkWidget *(*find_mistaken) (PostsealField *self);
};

/* Has @self show @form from now on. */
void postseal_field_bind (PostsealField *self, PostsealAccountForm *form);
/* All fields below @root. */
void postseal_field_bind_below (GtkWidget *root, PostsealAccountForm *form);
/* The field of @key below @root. Returns: (transfer none) (nullable) */
PostsealField *postseal_field_find (GtkWidget *root, const char *key);

/* What the person wants. @value: (nullable). Nothing while the field itself is being filled. */
void postseal_field_write (PostsealField *self, const char *value);

/* @mistake: (nullable): NULL when there is none any more */
void postseal_field_tell (PostsealField *self, const char *mistake);
/* No mistake is told below @root any more. */
void postseal_field_forget_below (GtkWidget *root);
gboolean postseal_field_has_mistake (PostsealField *self);
/* Brings it into sight, whatever is folded, with the cursor in it. */
void postseal_field_focus (PostsealField *self);

/* For the finalizer of a field. */
void postseal_field_link_clear (PostsealFieldLink *link);

G_END_DECLS
