/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include <gio/gio.h>

#include "auth/sasl.h"
#include "auth/vault.h"
#include "base/lock-file.h"
#include "engine/account-store.h"
#include "engine/outcome.h"
#include "imap/imap-session.h"
#include "mail/ledger.h"
#include "mail/sink.h"
#include "net/net-error.h"
#include "pop3/pop3-session.h"

static int
get_status (GQuark domain, int code)
{
  g_autoptr (GError) error = g_error_new_literal (domain, code, "x");

  return postseal_outcome_exit_status (error);
}

TEST (Outcome, OfNoErrorIsSuccess) { EXPECT_EQ (postseal_outcome_exit_status (nullptr), 0); }

/* The table of exit statuses in the design. */
TEST (Outcome, FollowsTheTableOfExitStatuses)
{
  EXPECT_EQ (get_status (POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_FILE), 78);
  EXPECT_EQ (get_status (POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_VALUE), 78);
  EXPECT_EQ (get_status (POSTSEAL_LOCK_ERROR, POSTSEAL_LOCK_ERROR_BUSY), 75);

  EXPECT_EQ (get_status (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_RESOLVE), 75);
  EXPECT_EQ (get_status (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CONNECT), 75);
  EXPECT_EQ (get_status (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_TIMEOUT), 75);
  EXPECT_EQ (get_status (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED), 75);

  for (int code = POSTSEAL_TLS_ERROR_NOT_OFFERED; code <= POSTSEAL_TLS_ERROR_TRUNCATED; code++)
    EXPECT_EQ (get_status (POSTSEAL_TLS_ERROR, code), 76) << code;
  EXPECT_EQ (get_status (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_SETTINGS), 78);

  EXPECT_EQ (get_status (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED), 77);
  EXPECT_EQ (get_status (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_NO_MECHANISM), 77);
  EXPECT_EQ (get_status (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_LATCH), 76);
  EXPECT_EQ (get_status (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_BUSY), 75);
  EXPECT_EQ (get_status (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SERVER), 76);
  EXPECT_EQ (get_status (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS), 78);

  for (int code = POSTSEAL_VAULT_ERROR_ABSENT; code <= POSTSEAL_VAULT_ERROR_DENIED; code++)
    EXPECT_EQ (get_status (POSTSEAL_VAULT_ERROR, code), 77) << code;
  EXPECT_EQ (get_status (POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_READ_ONLY), 73);
  EXPECT_EQ (get_status (POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_REAUTHORIZE), 77);
  EXPECT_EQ (get_status (POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_TEMPORARY), 75);

  EXPECT_EQ (get_status (POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_PROTOCOL), 76);
  EXPECT_EQ (get_status (POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED), 69);
  EXPECT_EQ (get_status (POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_BUSY), 75);
  EXPECT_EQ (get_status (POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_GONE), 69);
  EXPECT_EQ (get_status (POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_NO_UIDS), 69);
  EXPECT_EQ (get_status (POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_LIMIT), 75);
  EXPECT_EQ (get_status (POSTSEAL_POP3_ERROR, POSTSEAL_POP3_ERROR_PROTOCOL), 76);
  EXPECT_EQ (get_status (POSTSEAL_POP3_ERROR, POSTSEAL_POP3_ERROR_REFUSED), 69);
  EXPECT_EQ (get_status (POSTSEAL_POP3_ERROR, POSTSEAL_POP3_ERROR_BUSY), 75);
  EXPECT_EQ (get_status (POSTSEAL_POP3_ERROR, POSTSEAL_POP3_ERROR_NO_UIDL), 69);

  EXPECT_EQ (get_status (POSTSEAL_LEDGER_ERROR, POSTSEAL_LEDGER_ERROR_CANNOT_WRITE), 74);
  EXPECT_EQ (get_status (POSTSEAL_LEDGER_ERROR, POSTSEAL_LEDGER_ERROR_DAMAGED), 74);
  EXPECT_EQ (get_status (POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_CANNOT_WRITE), 73);
  EXPECT_EQ (get_status (POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_DISK), 74);
  EXPECT_EQ (get_status (POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_TEMPORARY), 75);
  EXPECT_EQ (get_status (POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_REJECTED), 69);
  EXPECT_EQ (get_status (POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_NOT_LOOPBACK), 76);
}

TEST (Outcome, KnowsWhatGlibReports)
{
  EXPECT_EQ (get_status (G_FILE_ERROR, G_FILE_ERROR_ACCES), 73);
  EXPECT_EQ (get_status (G_FILE_ERROR, G_FILE_ERROR_ROFS), 73);
  EXPECT_EQ (get_status (G_FILE_ERROR, G_FILE_ERROR_NOSPC), 74);
  EXPECT_EQ (get_status (G_FILE_ERROR, G_FILE_ERROR_IO), 74);
  EXPECT_EQ (get_status (G_FILE_ERROR, G_FILE_ERROR_FAILED), 74);
  EXPECT_EQ (get_status (G_FILE_ERROR, G_FILE_ERROR_NFILE), 75);
  EXPECT_EQ (get_status (G_IO_ERROR, G_IO_ERROR_CANCELLED), 75);
  EXPECT_EQ (get_status (G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED), 75);
  EXPECT_EQ (get_status (G_IO_ERROR, G_IO_ERROR_TIMED_OUT), 75);
  EXPECT_EQ (get_status (G_IO_ERROR, G_IO_ERROR_NO_SPACE), 74);
  EXPECT_EQ (get_status (G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED), 73);
  EXPECT_EQ (get_status (G_IO_ERROR, G_IO_ERROR_INVALID_DATA), 76);
  EXPECT_EQ (get_status (G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION), 64);
}

TEST (Outcome, OfAnUnknownErrorIsNeverSuccess)
{
  EXPECT_EQ (get_status (g_quark_from_static_string ("nobody-knows"), 0), 74);
  EXPECT_EQ (get_status (POSTSEAL_NET_ERROR, 1000), 74);
  EXPECT_EQ (get_status (POSTSEAL_NET_ERROR, -1), 74);
}

TEST (Outcome, GraverIsTheOneFurtherUp)
{
  const int order[] = { 64, 65, 78, 77, 76, 74, 73, 69, 75, 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (order); i++)
    for (gsize j = i; j < G_N_ELEMENTS (order); j++)
      {
        EXPECT_EQ (postseal_outcome_graver (order[i], order[j]), order[i]);
        EXPECT_EQ (postseal_outcome_graver (order[j], order[i]), order[i]);
      }
  EXPECT_EQ (postseal_outcome_graver (0, 1), 1);
}

TEST (Outcome, TheGraverErrorIsKeptAndOfEqualsTheFirst)
{
  g_autoptr (GError) known = nullptr;
  GError *first = g_error_new_literal (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED, "first");
  GError *graver = g_error_new_literal (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED, "new");

  postseal_outcome_keep_graver (&known, first);
  EXPECT_EQ (known, first);
  postseal_outcome_keep_graver (
      &known, g_error_new_literal (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_TIMEOUT, "equal"));
  EXPECT_EQ (known, first);
  postseal_outcome_keep_graver (&known, graver);
  EXPECT_EQ (known, graver);
  postseal_outcome_keep_graver (
      &known, g_error_new_literal (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED, "lighter"));
  EXPECT_EQ (known, graver);
}
