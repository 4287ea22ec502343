/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Retrieves the new mail of one account, by the daemon where one runs, else by itself:

     cc fetch-account.c -o fetch-account $(pkg-config --cflags --libs postseal)
     ./fetch-account work */
#include <postseal.h>

typedef struct
{
  GMainLoop *loop;
  PostsealService *service; /* owned */
  const char *account;
  int status;
} Program;

static void
give_up (Program *self, GError *error)
{
  g_printerr ("%s\n", error->message);
  self->status = error->domain == POSTSEAL_SERVICE_ERROR ? error->code : 1;
  g_error_free (error);
  g_main_loop_quit (self->loop);
}

/* What went wrong with the server is in the answer; an error is that nobody could be asked. */
static void
on_fetched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Program *self = user_data;
  GError *error = NULL;
  g_autoptr (GVariant) answer
      = postseal_service_request_finish (POSTSEAL_SERVICE (source), result, &error);
  g_autoptr (GVariant) facts = NULL;
  g_autoptr (PostsealSeal) seal = NULL;
  guint64 delivered = 0;
  const char *problem = "";

  if (answer == NULL)
    {
      give_up (self, error);
      return;
    }
  g_variant_lookup (answer, "status", "i", &self->status);
  g_variant_lookup (answer, "error", "&s", &problem);
  g_variant_lookup (answer, "delivered", "t", &delivered);
  if (self->status != 0)
    g_printerr ("%s\n", problem);
  g_print ("%" G_GUINT64_FORMAT " new messages\n", delivered);

  /* Who was at the other end, and who says so. */
  facts = g_variant_lookup_value (answer, "seal", G_VARIANT_TYPE ("a{ss}"));
  seal = facts != NULL ? postseal_seal_from_variant (facts) : NULL;
  if (seal != NULL)
    {
      g_autofree char *text = postseal_seal_to_string (seal, g_get_real_time () / G_USEC_PER_SEC);

      g_print ("%s\n", text);
    }
  g_main_loop_quit (self->loop);
}

static void
fetch (Program *self)
{
  GVariantDict arguments;

  g_variant_dict_init (&arguments, NULL);
  g_variant_dict_insert (&arguments, "account", "s", self->account);
  postseal_service_request_async (self->service, POSTSEAL_SERVICE_FETCH,
                                  g_variant_dict_end (&arguments), NULL, NULL, on_fetched, self);
}

static void
on_client (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Program *self = user_data;
  g_autoptr (GError) error = NULL;
  PostsealClient *client = postseal_client_new_finish (result, &error);

  if (client != NULL)
    self->service = POSTSEAL_SERVICE (client);
  else /* no daemon: this process does it, with the accounts of the usual accounts.conf */
    self->service = POSTSEAL_SERVICE (postseal_engine_new (NULL));
  fetch (self);
}

int
main (int argc, char **argv)
{
  Program self = { 0 };

  if (argc != 2)
    {
      g_printerr ("Usage: %s ACCOUNT\n", argv[0]);
      return 64;
    }
  self.account = argv[1];
  self.loop = g_main_loop_new (NULL, FALSE);
  postseal_client_new_async (NULL, POSTSEAL_CLIENT_RUNNING, NULL, on_client, &self);
  g_main_loop_run (self.loop);
  g_clear_object (&self.service);
  g_main_loop_unref (self.loop);
  return self.status;
}
