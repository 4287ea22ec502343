/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/request-form-private.h"

#include <glib/gi18n-lib.h>

#include "client/bus-names-private.h"

/* sysexits.h */
#define STATUS_USAGE 64

static const PostsealRequestForm forms[] = {
  [POSTSEAL_SERVICE_FETCH]
  = { POSTSEAL_BUS_ACCOUNT, "Fetch", TRUE, { { "account", "s", TRUE }, { "transcript", "h" } } },
  [POSTSEAL_SERVICE_CHECK]
  = { POSTSEAL_BUS_ACCOUNT,
      "Check",
      TRUE,
      { { "account", "s", TRUE }, { "direction", "s" }, { "transcript", "h" } } },
  [POSTSEAL_SERVICE_QUEUE_LIST]
  = { POSTSEAL_BUS_OUTBOX, "List", FALSE, { { "account", "s" }, { "done", "b" } } },
  [POSTSEAL_SERVICE_QUEUE_CHANGE]
  = { POSTSEAL_BUS_OUTBOX, "Change", FALSE, { { "change", "s", TRUE }, { "ids", "as", TRUE } } },
  [POSTSEAL_SERVICE_QUEUE_FLUSH]
  = { POSTSEAL_BUS_OUTBOX,
      "Flush",
      TRUE,
      { { "account", "s" }, { "ids", "as" }, { "due", "b" }, { "transcript", "h" } } },
  [POSTSEAL_SERVICE_SUBMIT] = { POSTSEAL_BUS_OUTBOX,
                                "Submit",
                                TRUE,
                                { { "message", "h", TRUE },
                                  { "account", "s" },
                                  { "sender", "s" },
                                  { "recipients", "as" },
                                  { "from-header", "b" } } },
  [POSTSEAL_SERVICE_FORGET] = { POSTSEAL_BUS_ACCOUNT,
                                "Forget",
                                FALSE,
                                { { "account", "s", TRUE }, { "server", "s" }, { "latch", "s" } } },
  [POSTSEAL_SERVICE_RELOAD] = { POSTSEAL_BUS_DAEMON, "Reload", FALSE, { { NULL } } },
  [POSTSEAL_SERVICE_RETRY] = { POSTSEAL_BUS_DAEMON, "Retry", FALSE, { { "account", "s" } } },
};

const PostsealRequestForm *
_postseal_request_form_get (PostsealServiceRequest request)
{
  return (guint)request < G_N_ELEMENTS (forms) ? &forms[request] : NULL;
}

gboolean
_postseal_request_form_find (const char *interface,
                             const char *method,
                             PostsealServiceRequest *ret_request)
{
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    if (g_str_equal (forms[i].interface, interface) && g_str_equal (forms[i].method, method))
      {
        *ret_request = i;
        return TRUE;
      }
  return FALSE;
}

static const PostsealRequestArgument *
find_argument (const PostsealRequestForm *self, const char *key)
{
  for (const PostsealRequestArgument *at = self->arguments;
       at < self->arguments + G_N_ELEMENTS (self->arguments) && at->key != NULL; at++)
    if (g_str_equal (at->key, key))
      return at;
  return NULL;
}

static gboolean
check_value (const PostsealRequestForm *self,
             const PostsealRequestArgument *argument,
             GVariant *value,
             GUnixFDList *descriptors,
             GError **error)
{
  int n_descriptors = descriptors != NULL ? g_unix_fd_list_get_length (descriptors) : 0;

  if (!g_variant_is_of_type (value, G_VARIANT_TYPE (argument->type)))
    {
      g_set_error (error, POSTSEAL_SERVICE_ERROR, STATUS_USAGE,
                   _ ("“%s” of the request “%s” is of the type “%s”; it must be “%s”"),
                   argument->key, self->method, g_variant_get_type_string (value), argument->type);
      return FALSE;
    }
  if (argument->type[0] == 'h'
      && (g_variant_get_handle (value) < 0 || g_variant_get_handle (value) >= n_descriptors))
    {
      g_set_error (error, POSTSEAL_SERVICE_ERROR, STATUS_USAGE,
                   _ ("“%s” of the request “%s” is no descriptor that came with it"), argument->key,
                   self->method);
      return FALSE;
    }
  return TRUE;
}

gboolean
_postseal_request_form_check (const PostsealRequestForm *self,
                              GVariant *arguments,
                              GUnixFDList *descriptors,
                              GError **error)
{
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_variant_iter_init (&iter, arguments);
  while (g_variant_iter_loop (&iter, "{&sv}", &key, &value))
    {
      const PostsealRequestArgument *argument = find_argument (self, key);

      if (argument != NULL && !check_value (self, argument, value, descriptors, error))
        {
          g_variant_unref (value);
          return FALSE;
        }
    }
  for (const PostsealRequestArgument *at = self->arguments;
       at < self->arguments + G_N_ELEMENTS (self->arguments) && at->key != NULL; at++)
    {
      g_autoptr (GVariant) found = g_variant_lookup_value (arguments, at->key, NULL);

      if (at->is_required && found == NULL)
        {
          g_set_error (error, POSTSEAL_SERVICE_ERROR, STATUS_USAGE,
                       _ ("The request “%s” needs “%s”"), self->method, at->key);
          return FALSE;
        }
    }
  return TRUE;
}
