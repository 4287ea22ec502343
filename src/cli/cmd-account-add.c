/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/commands.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cli/account-discover.h"
#include "cli/options.h"
#include "cli/report.h"

/* What a key is about, in a few words; the manual has the rest. */
static const struct
{
  const char *key;
  const char *description;
} descriptions[] = {
  { "address", N_ ("Mail address") },
  { "name", N_ ("Full name") },
  { "receive", N_ ("Server to receive from: imaps, imap, pop3s or pop3 URL") },
  { "receive-tls", N_ ("enforced or loopback") },
  { "folders", N_ ("Folders to retrieve, “;” between them") },
  { "layout", N_ ("Where other folders go: maildir++, fs or single") },
  { "keep", N_ ("Keep mail on the server: yes, no or a time like 14d") },
  { "deliver", N_ ("maildir:PATH, mbox:PATH, command:ARGV or lmtp:PLACE") },
  { "trace-header", N_ ("Name the seal in a Received line: yes or no") },
  { "authserv-ids", N_ ("Whose Authentication-Results to believe, “;” between several") },
  { "compress", N_ ("Compress on the wire where the IMAP server can: yes or no") },
  { "push", N_ ("Let the server tell of new mail: yes or no") },
  { "interval", N_ ("How often the daemon looks for new mail, e.g. 5m") },
  { "send", N_ ("Server to send through: submissions, submission or smtp URL") },
  { "send-tls", N_ ("enforced, opportunistic or loopback") },
  { "tls-min", N_ ("Lowest TLS version: 1.2 or 1.3") },
  { "ca-file", N_ ("PEM file of authorities, instead of the system's") },
  { "crl-file", N_ ("PEM file of revoked certificates") },
  { "pin", N_ ("sha256:BASE64 of the server's key, “;” between several") },
  { "dane", N_ ("Keys that the DNS names: auto, require or off") },
  { "client-certificate", N_ ("PEM file or PKCS#11 URI") },
  { "client-key", N_ ("PEM file or PKCS#11 URI") },
  { "auth", N_ ("auto, none or mechanisms, “;” between them") },
  { "password",
    N_ ("Where it is kept: secret-service, command:ARGV, credential:NAME or file:PATH") },
  { "timeout", N_ ("Longest silence in any one wait, e.g. 60s") },
};

static const char *
describe_key (const char *key)
{
  for (gsize i = 0; i < G_N_ELEMENTS (descriptions); i++)
    if (strcmp (descriptions[i].key, key) == 0)
      return descriptions[i].description;
  return N_ ("The key of this name in accounts.conf");
}

/* One option a key, and what is wished for a search. Returns: (transfer full): its strings are
   borrowed from the list of keys */
static GOptionEntry *
make_entries (const char *const *keys, char **values, PostsealDiscoverWishes *wishes)
{
  const GOptionEntry searching[] = {
    { "account", 0, 0, G_OPTION_ARG_STRING, &wishes->account,
      N_ ("Name of the account, instead of the address"), N_ ("NAME") },
    { "pop3", 0, 0, G_OPTION_ARG_NONE, &wishes->wants_pop3, N_ ("Receive by POP3"), NULL },
    { "ask-list", 0, 0, G_OPTION_ARG_NONE, &wishes->may_ask_list,
      N_ ("Ask the configured list of providers, too, which learns the domain"), NULL },
    { "trust-host", 0, 0, G_OPTION_ARG_STRING_ARRAY, &wishes->trusted_hosts,
      N_ ("A host outside of the address's domain that is right"), N_ ("HOST") },
    { "yes", 0, 0, G_OPTION_ARG_NONE, &wishes->is_sure, N_ ("Do not ask"), NULL },
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &wishes->is_dry_run,
      N_ ("Print what would be written, and write nothing"), NULL },
  };
  guint n_keys = g_strv_length ((char **)keys);
  GOptionEntry *entries = g_new0 (GOptionEntry, n_keys + G_N_ELEMENTS (searching) + 1);

  memcpy (entries, searching, sizeof searching);
  for (guint i = 0; i < n_keys; i++)
    {
      GOptionEntry *entry = &entries[G_N_ELEMENTS (searching) + i];

      entry->long_name = keys[i];
      entry->arg = G_OPTION_ARG_STRING;
      entry->arg_data = &values[i];
      entry->description = describe_key (keys[i]);
      entry->arg_description = N_ ("VALUE");
    }
  return entries;
}

static void
say_added (const PostsealOptions *options, const char *name)
{
  g_autoptr (PostsealAccountStore) store = postseal_account_store_load (options->config, NULL);
  PostsealAccount *account
      = store != NULL ? postseal_account_store_lookup (store, name, NULL) : NULL;

  g_print (_ ("Added the account “%s” to %s.\n"), name, options->config);
  if (account != NULL && !account->auth_none && strcmp (account->password, "secret-service") == 0)
    g_print (_ ("Store its password with “postseal password set %s”.\n"), name);
}

static gboolean
is_given (GPtrArray *keys, const char *key)
{
  for (guint i = 0; i < keys->len; i++)
    if (strcmp (g_ptr_array_index (keys, i), key) == 0)
      return TRUE;
  return FALSE;
}

/* An address alone is enough, and everything else can be found. */
static gboolean
is_for_search (const char *operand, GPtrArray *given_keys)
{
  return strchr (operand, '@') != NULL && !is_given (given_keys, "address")
         && !is_given (given_keys, "receive") && !is_given (given_keys, "send");
}

static int
add_as_given (const PostsealOptions *options,
              const char *name,
              const char *const *keys,
              const char *const *values)
{
  g_autoptr (GError) error = NULL;

  if (!postseal_account_store_add (options->config, name, keys, values, &error))
    return postseal_report_error (error);
  if (!options->json)
    say_added (options, name);
  return 0;
}

int
postseal_cmd_account_add (int argc, char **argv)
{
  g_auto (PostsealOptions) options = POSTSEAL_OPTIONS_INIT;
  g_auto (PostsealDiscoverWishes) wishes = POSTSEAL_DISCOVER_WISHES_INIT;
  const char *const *keys = postseal_account_store_get_keys ();
  guint n_keys = g_strv_length ((char **)keys);
  g_auto (GStrv) values = g_new0 (char *, n_keys + 1);
  g_autofree GOptionEntry *entries = make_entries (keys, values, &wishes);
  g_autoptr (GPtrArray) given_keys = g_ptr_array_new ();
  g_autoptr (GPtrArray) given_values = g_ptr_array_new_with_free_func (g_free);
  gboolean is_search = FALSE;
  int status = 0;
  gboolean is_parsed = postseal_options_parse (
      &options, "postseal account add", _ ("ADDRESS | NAME"),
      _ ("Add an account. From a mail address alone its servers are found, shown and tried:\n"
         "  postseal account add jane@example.org\n"
         "With a name, the settings are those given as options:\n"
         "  postseal account add work --address jane@example.org \\\n"
         "    --receive imaps://imap.example.org --deliver maildir:~/Mail/work"),
      entries, &argc, &argv, &status);

  /* From here on @given_values owns them: the array of @values has gaps. */
  for (guint i = 0; i < n_keys; i++)
    if (values[i] != NULL)
      {
        g_ptr_array_add (given_keys, (gpointer)keys[i]);
        g_ptr_array_add (given_values, g_steal_pointer (&values[i]));
      }
  if (!is_parsed)
    return status;
  if (argc != 2)
    return postseal_report_usage ("postseal account add",
                                  _ ("give a mail address, or one name for the new account, e.g. "
                                     "work"));
  is_search = is_for_search (argv[1], given_keys);
  if (!is_search && given_keys->len == 0)
    return postseal_report_usage ("postseal account add",
                                  _ ("“%s” is no mail address; write e.g. jane@example.org"),
                                  argv[1]);
  if (!is_search && postseal_discover_wishes_is_any (&wishes))
    return postseal_report_usage (
        "postseal account add",
        _ ("--account, --pop3, --ask-list, --trust-host, --yes and --dry-run are for finding the "
           "servers of an address; here they are given"));
  g_ptr_array_add (given_keys, NULL);
  g_ptr_array_add (given_values, NULL);
  if (is_search)
    return postseal_account_discover (&options, argv[1], &wishes,
                                      (const char *const *)given_keys->pdata,
                                      (const char *const *)given_values->pdata);
  return add_as_given (&options, argv[1], (const char *const *)given_keys->pdata,
                       (const char *const *)given_values->pdata);
}
