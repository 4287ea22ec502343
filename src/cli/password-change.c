/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/password-change.h"

#include "base/paths.h"
#include "cli/report.h"
#include "cli/service-choice.h"
#include "outbox/outbox.h"

const char *
postseal_password_change_get_user (const PostsealAccount *account)
{
  if (account->receive_user != NULL)
    return account->receive_user;
  return account->send_user != NULL ? account->send_user : account->address;
}

void
postseal_password_change_end_pause (const PostsealAccount *account)
{
  g_autofree char *directory = postseal_paths_outbox_dir ();
  g_autoptr (PostsealOutbox) outbox = NULL;
  g_autoptr (GError) error = NULL;

  if (account->send == NULL || !g_file_test (directory, G_FILE_TEST_IS_DIR))
    return;
  outbox = postseal_outbox_open (&error);
  if (outbox == NULL || !postseal_outbox_pause_account (outbox, account->name, 0, NULL, &error))
    postseal_report_error (error);
}

void
postseal_password_change_tell_daemon (const PostsealOptions *options,
                                      const PostsealAccount *account)
{
  g_autoptr (PostsealService) daemon = postseal_service_choice_get_daemon (options);
  g_auto (GVariantDict) arguments = G_VARIANT_DICT_INIT (NULL);
  g_autoptr (GVariant) answer = NULL;

  if (daemon == NULL)
    return;
  g_variant_dict_insert (&arguments, "account", "s", account->name);
  answer = postseal_service_choice_ask (daemon, POSTSEAL_SERVICE_RETRY,
                                        g_variant_dict_end (&arguments), NULL);
}
