/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/found-card.h"

#include <glib/gi18n.h>

struct _PostsealFoundCard
{
  GtkBox parent;

  GtkImage *mark_image; /* template children */
  GtkLabel *mark_label;
  GtkLabel *source_label;
  PostsealServerRow *receive_row;
  PostsealServerRow *send_row;
  gboolean is_one_sided;
  int source; /* PostsealSource, or -1: by hand */
};

G_DEFINE_FINAL_TYPE (PostsealFoundCard, postseal_found_card, GTK_TYPE_BOX)

static const struct
{
  const char *icon;
  const char *style;
} marks[] = {
  [POSTSEAL_TRUST_NOT_CONFIRMED] = { "dialog-question-symbolic", "dim-label" },
  [POSTSEAL_TRUST_SIGNED] = { "security-medium-symbolic", "accent" },
  [POSTSEAL_TRUST_PROVEN] = { "channel-secure-symbolic", "success" },
};

/* Whoever has told it did so over https or in signed DNS, but is not always the provider. */
static const char *
describe_source (PostsealFoundCard *self)
{
  switch (self->source)
    {
    case POSTSEAL_SOURCE_KNOWN:
      return _ ("Known: these settings came with the programs on this computer");
    case POSTSEAL_SOURCE_LIST:
      return _ ("Listed: these settings are from a list of providers, not from yours itself");
    case POSTSEAL_SOURCE_MX:
      return _ ("Signed: these settings are those of the service that receives your mail");
    case POSTSEAL_SOURCE_PROVIDER:
    case POSTSEAL_SOURCE_DNS:
    default:
      return _ ("Signed: these settings are your provider’s own");
    }
}

static const char *
describe_trust (PostsealFoundCard *self, PostsealTrust trust)
{
  switch (trust)
    {
    case POSTSEAL_TRUST_PROVEN:
      return self->is_one_sided ? _ ("Proven: the server proved who it is")
                                : _ ("Proven: both servers proved who they are");
    case POSTSEAL_TRUST_SIGNED:
      return describe_source (self);
    case POSTSEAL_TRUST_NOT_CONFIRMED:
    default:
      return _ ("Not confirmed: nobody has proved anything yet");
    }
}

static void
show_side (PostsealServerRow *row,
           PostsealAccountForm *form,
           gboolean sending,
           gboolean *ret_is_there)
{
  g_autofree char *user = NULL;
  g_autoptr (PostsealEndpoint) endpoint = postseal_account_form_get_endpoint (form, sending, &user);
  const char *address = postseal_account_form_get (form, "address");
  gboolean is_address = user == NULL || g_strcmp0 (user, address) == 0;

  postseal_server_row_show (row, sending, endpoint, is_address ? NULL : user);
  postseal_server_row_set_state (row, POSTSEAL_SERVER_UNCHECKED);
  *ret_is_there = endpoint != NULL;
}

void
postseal_found_card_show (PostsealFoundCard *self,
                          PostsealAccountForm *form,
                          const PostsealProposal *proposal)
{
  gboolean receives = FALSE;
  gboolean sends = FALSE;
  g_autofree char *source = NULL;
  g_autofree char *text = NULL;

  g_return_if_fail (POSTSEAL_IS_FOUND_CARD (self));
  g_return_if_fail (POSTSEAL_IS_ACCOUNT_FORM (form));

  show_side (self->receive_row, form, FALSE, &receives);
  show_side (self->send_row, form, TRUE, &sends);
  self->is_one_sided = receives != sends;
  self->source = proposal != NULL ? (int)proposal->source : -1;
  if (proposal != NULL)
    source = postseal_proposal_describe_source (proposal);
  /* TRANSLATORS: followed by where the settings come from: "from your provider". */
  text = source != NULL ? g_strdup_printf (_ ("Settings %s"), source)
                        : g_strdup (_ ("Settings entered by hand"));
  gtk_label_set_label (self->source_label, text);
  postseal_found_card_set_trust (self, POSTSEAL_TRUST_NOT_CONFIRMED);
}

void
postseal_found_card_set_trust (PostsealFoundCard *self, PostsealTrust trust)
{
  g_return_if_fail (POSTSEAL_IS_FOUND_CARD (self));
  g_return_if_fail (trust < G_N_ELEMENTS (marks));

  gtk_image_set_from_icon_name (self->mark_image, marks[trust].icon);
  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    {
      gtk_widget_remove_css_class (GTK_WIDGET (self->mark_image), marks[i].style);
      gtk_widget_remove_css_class (GTK_WIDGET (self->mark_label), marks[i].style);
    }
  gtk_widget_add_css_class (GTK_WIDGET (self->mark_image), marks[trust].style);
  if (trust == POSTSEAL_TRUST_PROVEN)
    gtk_widget_add_css_class (GTK_WIDGET (self->mark_label), marks[trust].style);
  gtk_label_set_label (self->mark_label, describe_trust (self, trust));
}

void
postseal_found_card_set_state (PostsealFoundCard *self, gboolean sending, PostsealServerState state)
{
  g_return_if_fail (POSTSEAL_IS_FOUND_CARD (self));

  postseal_server_row_set_state (sending ? self->send_row : self->receive_row, state);
}

static void
postseal_found_card_class_init (PostsealFoundCardClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  g_type_ensure (POSTSEAL_TYPE_SERVER_ROW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/found-card.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealFoundCard, mark_image);
  gtk_widget_class_bind_template_child (widget_class, PostsealFoundCard, mark_label);
  gtk_widget_class_bind_template_child (widget_class, PostsealFoundCard, source_label);
  gtk_widget_class_bind_template_child (widget_class, PostsealFoundCard, receive_row);
  gtk_widget_class_bind_template_child (widget_class, PostsealFoundCard, send_row);
}

static void
postseal_found_card_init (PostsealFoundCard *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
