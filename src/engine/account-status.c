/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/account-status.h"

#include <string.h>

/* One row of the table of properties: everything about it follows from its type. */
typedef enum
{
  TYPE_STRING,
  TYPE_BOOLEAN,
  TYPE_INT,
  TYPE_UINT,
  TYPE_INT64,
  TYPE_UINT64,
  TYPE_STRINGS,
  TYPE_SEAL,
} PropertyType;

static const struct
{
  const char *name;
  PropertyType type;
} properties[] = {
  { "name", TYPE_STRING },
  { "address", TYPE_STRING },
  { "receives", TYPE_BOOLEAN },
  { "sends", TYPE_BOOLEAN },
  { "receive-state", TYPE_STRING },
  { "receive-since", TYPE_INT64 },
  { "receive-activity", TYPE_STRING },
  { "receive-mailbox", TYPE_STRING },
  { "receive-seal", TYPE_SEAL },
  { "receive-changes", TYPE_STRINGS },
  { "receive-error", TYPE_STRING },
  { "receive-advice", TYPE_STRING },
  { "receive-remedy", TYPE_STRING },
  { "receive-status", TYPE_INT },
  { "receive-next", TYPE_INT64 },
  { "receive-last", TYPE_INT64 },
  { "receive-watched", TYPE_STRINGS },
  { "messages-total", TYPE_UINT64 },
  { "messages-done", TYPE_UINT64 },
  { "bytes-total", TYPE_UINT64 },
  { "bytes-done", TYPE_UINT64 },
  { "send-state", TYPE_STRING },
  { "send-since", TYPE_INT64 },
  { "send-activity", TYPE_STRING },
  { "send-seal", TYPE_SEAL },
  { "send-changes", TYPE_STRINGS },
  { "send-error", TYPE_STRING },
  { "send-advice", TYPE_STRING },
  { "send-remedy", TYPE_STRING },
  { "send-status", TYPE_INT },
  { "send-next", TYPE_INT64 },
  { "send-last", TYPE_INT64 },
  { "send-messages-total", TYPE_UINT64 },
  { "send-messages-done", TYPE_UINT64 },
  { "send-bytes-total", TYPE_UINT64 },
  { "send-bytes-done", TYPE_UINT64 },
  { "waiting", TYPE_UINT },
  { "failed", TYPE_UINT },
};
#define N_PROPERTIES G_N_ELEMENTS (properties)

struct _PostsealAccountStatus
{
  GObject parent;

  GValue values[N_PROPERTIES];
};

G_DEFINE_FINAL_TYPE (PostsealAccountStatus, postseal_account_status, G_TYPE_OBJECT)

static const char *const states[] = {
  [POSTSEAL_ACCOUNT_OFF] = "off",           [POSTSEAL_ACCOUNT_WORKING] = "working",
  [POSTSEAL_ACCOUNT_WATCHING] = "watching", [POSTSEAL_ACCOUNT_WAITING] = "waiting",
  [POSTSEAL_ACCOUNT_OFFLINE] = "offline",   [POSTSEAL_ACCOUNT_LOCKED] = "locked",
  [POSTSEAL_ACCOUNT_BUSY] = "busy",         [POSTSEAL_ACCOUNT_FULL] = "full",
  [POSTSEAL_ACCOUNT_REFUSED] = "refused",   [POSTSEAL_ACCOUNT_REAUTHORIZE] = "reauthorize",
  [POSTSEAL_ACCOUNT_BROKEN] = "broken",
};

const char *
postseal_account_state_name (PostsealAccountState state)
{
  g_return_val_if_fail ((guint)state < G_N_ELEMENTS (states), "off");

  return states[state];
}

PostsealAccountState
postseal_account_state_parse (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    if (g_strcmp0 (states[i], name) == 0)
      return i;
  return POSTSEAL_ACCOUNT_OFF;
}

PostsealAccountStatus *
postseal_account_status_new (const char *name)
{
  g_return_val_if_fail (name != NULL, NULL);

  return g_object_new (POSTSEAL_TYPE_ACCOUNT_STATUS, "name", name, NULL);
}

const char *
postseal_account_status_get_name (PostsealAccountStatus *self)
{
  g_return_val_if_fail (POSTSEAL_IS_ACCOUNT_STATUS (self), NULL);

  return g_value_get_string (&self->values[0]);
}

const char *const *
postseal_account_status_get_properties (void)
{
  static const char *names[N_PROPERTIES + 1];

  if (names[0] == NULL)
    for (guint i = 0; i < N_PROPERTIES; i++)
      names[i] = properties[i].name;
  return names;
}

/* --- object --- */

/* Setting what is there already is no change: front ends redraw at each notification. */
static gboolean
is_same (PropertyType type, const GValue *a, const GValue *b)
{
  GVariant *first;
  GVariant *second;

  switch (type)
    {
    case TYPE_STRING:
      return g_strcmp0 (g_value_get_string (a), g_value_get_string (b)) == 0;
    case TYPE_BOOLEAN:
      return g_value_get_boolean (a) == g_value_get_boolean (b);
    case TYPE_INT:
      return g_value_get_int (a) == g_value_get_int (b);
    case TYPE_UINT:
      return g_value_get_uint (a) == g_value_get_uint (b);
    case TYPE_INT64:
      return g_value_get_int64 (a) == g_value_get_int64 (b);
    case TYPE_UINT64:
      return g_value_get_uint64 (a) == g_value_get_uint64 (b);
    case TYPE_STRINGS:
      return g_strv_equal (g_value_get_boxed (a), g_value_get_boxed (b));
    case TYPE_SEAL:
    default:
      first = g_value_get_variant (a);
      second = g_value_get_variant (b);
      return first == second
             || (first != NULL && second != NULL && g_variant_equal (first, second));
    }
}

/* Nobody has to reckon with NULL. */
static gboolean
is_null (PropertyType type, const GValue *value)
{
  return (type == TYPE_STRING && g_value_get_string (value) == NULL)
         || (type == TYPE_STRINGS && g_value_get_boxed (value) == NULL)
         || (type == TYPE_SEAL && g_value_get_variant (value) == NULL);
}

static void
set_empty (PropertyType type, GValue *value)
{
  static const char *const none[] = { NULL };

  if (type == TYPE_STRING)
    g_value_set_static_string (value, "");
  else if (type == TYPE_STRINGS)
    g_value_set_boxed (value, none);
  else if (type == TYPE_SEAL)
    g_value_set_variant (value, g_variant_new_array (G_VARIANT_TYPE ("{ss}"), NULL, 0));
}

static void
postseal_account_status_set_property (GObject *object,
                                      guint id,
                                      const GValue *value,
                                      GParamSpec *pspec)
{
  PostsealAccountStatus *self = POSTSEAL_ACCOUNT_STATUS (object);
  PropertyType type = properties[id - 1].type;
  GValue *own = &self->values[id - 1];
  g_auto (GValue) wanted = G_VALUE_INIT;

  g_value_init (&wanted, G_VALUE_TYPE (own));
  if (is_null (type, value))
    set_empty (type, &wanted);
  else
    g_value_copy (value, &wanted);
  if (is_same (type, own, &wanted))
    return;
  g_value_copy (&wanted, own);
  g_object_notify_by_pspec (object, pspec);
}

static void
postseal_account_status_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  PostsealAccountStatus *self = POSTSEAL_ACCOUNT_STATUS (object);

  g_value_copy (&self->values[id - 1], value);
}

static void
postseal_account_status_finalize (GObject *object)
{
  PostsealAccountStatus *self = POSTSEAL_ACCOUNT_STATUS (object);

  for (guint i = 0; i < N_PROPERTIES; i++)
    g_value_unset (&self->values[i]);
  G_OBJECT_CLASS (postseal_account_status_parent_class)->finalize (object);
}

static GParamSpec *
make_pspec (const char *name, PropertyType type)
{
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  switch (type)
    {
    case TYPE_STRING:
      return g_param_spec_string (name, NULL, NULL, "", flags);
    case TYPE_BOOLEAN:
      return g_param_spec_boolean (name, NULL, NULL, FALSE, flags);
    case TYPE_INT:
      return g_param_spec_int (name, NULL, NULL, G_MININT, G_MAXINT, 0, flags);
    case TYPE_UINT:
      return g_param_spec_uint (name, NULL, NULL, 0, G_MAXUINT, 0, flags);
    case TYPE_INT64:
      return g_param_spec_int64 (name, NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
    case TYPE_UINT64:
      return g_param_spec_uint64 (name, NULL, NULL, 0, G_MAXUINT64, 0, flags);
    case TYPE_STRINGS:
      return g_param_spec_boxed (name, NULL, NULL, G_TYPE_STRV, flags);
    case TYPE_SEAL:
    default:
      return g_param_spec_variant (name, NULL, NULL, G_VARIANT_TYPE ("a{ss}"), NULL, flags);
    }
}

static void
postseal_account_status_class_init (PostsealAccountStatusClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = postseal_account_status_set_property;
  object_class->get_property = postseal_account_status_get_property;
  object_class->finalize = postseal_account_status_finalize;
  for (guint i = 0; i < N_PROPERTIES; i++)
    g_object_class_install_property (object_class, i + 1,
                                     make_pspec (properties[i].name, properties[i].type));
}

static void
postseal_account_status_init (PostsealAccountStatus *self)
{
  GObjectClass *object_class = G_OBJECT_GET_CLASS (self);

  for (guint i = 0; i < N_PROPERTIES; i++)
    {
      GParamSpec *pspec = g_object_class_find_property (object_class, properties[i].name);

      g_value_init (&self->values[i], pspec->value_type);
      set_empty (properties[i].type, &self->values[i]);
    }
  g_object_set (self, "receive-state", "off", "send-state", "off", NULL);
}
