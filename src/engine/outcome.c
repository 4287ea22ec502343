/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/outcome.h"

#include <gio/gio.h>

#include "auth/sasl.h"
#include "auth/vault.h"
#include "base/lock-file.h"
#include "engine/account-store.h"
#include "engine/send-job.h"
#include "engine/service.h"
#include "imap/imap-session.h"
#include "mail/ledger.h"
#include "mail/sink.h"
#include "net/net-error.h"
#include "outbox/outbox-error.h"
#include "pop3/pop3-session.h"
#include "smtp/smtp-session.h"

/* sysexits.h names them; the numbers are the contract. */
enum
{
  STATUS_USAGE = 64,
  STATUS_DATA = 65,
  STATUS_UNAVAILABLE = 69,
  STATUS_CANNOT_CREATE = 73,
  STATUS_IO = 74,
  STATUS_LATER = 75,
  STATUS_PROTOCOL = 76,
  STATUS_NO_PERMISSION = 77,
  STATUS_CONFIG = 78,
};

static const int config_statuses[] = {
  [POSTSEAL_CONFIG_ERROR_FILE] = STATUS_CONFIG,
  [POSTSEAL_CONFIG_ERROR_SYNTAX] = STATUS_CONFIG,
  [POSTSEAL_CONFIG_ERROR_UNKNOWN] = STATUS_CONFIG,
  [POSTSEAL_CONFIG_ERROR_VALUE] = STATUS_CONFIG,
};

static const int lock_statuses[] = {
  [POSTSEAL_LOCK_ERROR_BUSY] = STATUS_LATER,
};

static const int net_statuses[] = {
  [POSTSEAL_NET_ERROR_RESOLVE] = STATUS_LATER, [POSTSEAL_NET_ERROR_CONNECT] = STATUS_LATER,
  [POSTSEAL_NET_ERROR_TIMEOUT] = STATUS_LATER, [POSTSEAL_NET_ERROR_DANE] = STATUS_LATER,
  [POSTSEAL_NET_ERROR_CLOSED] = STATUS_LATER,
};

static const int tls_statuses[] = {
  [POSTSEAL_TLS_ERROR_NOT_OFFERED] = STATUS_PROTOCOL,
  [POSTSEAL_TLS_ERROR_REFUSED] = STATUS_PROTOCOL,
  [POSTSEAL_TLS_ERROR_INJECTED] = STATUS_PROTOCOL,
  [POSTSEAL_TLS_ERROR_PREAUTH] = STATUS_PROTOCOL,
  [POSTSEAL_TLS_ERROR_VESTIBULE] = STATUS_PROTOCOL,
  [POSTSEAL_TLS_ERROR_WRONG_START] = STATUS_PROTOCOL,
  [POSTSEAL_TLS_ERROR_HANDSHAKE] = STATUS_PROTOCOL,
  [POSTSEAL_TLS_ERROR_INTERRUPTED] = STATUS_PROTOCOL,
  [POSTSEAL_TLS_ERROR_UNTRUSTED] = STATUS_PROTOCOL,
  [POSTSEAL_TLS_ERROR_EXPIRED] = STATUS_PROTOCOL,
  [POSTSEAL_TLS_ERROR_REVOKED] = STATUS_PROTOCOL,
  [POSTSEAL_TLS_ERROR_IDENTITY] = STATUS_PROTOCOL,
  [POSTSEAL_TLS_ERROR_PIN] = STATUS_PROTOCOL,
  [POSTSEAL_TLS_ERROR_DANE_MISMATCH] = STATUS_PROTOCOL,
  [POSTSEAL_TLS_ERROR_DANE_MISSING] = STATUS_PROTOCOL,
  [POSTSEAL_TLS_ERROR_DNSSEC] = STATUS_PROTOCOL,
  [POSTSEAL_TLS_ERROR_LATCH] = STATUS_PROTOCOL,
  [POSTSEAL_TLS_ERROR_NOT_LOOPBACK] = STATUS_PROTOCOL,
  [POSTSEAL_TLS_ERROR_TRUNCATED] = STATUS_PROTOCOL,
  [POSTSEAL_TLS_ERROR_SETTINGS] = STATUS_CONFIG,
};

/* Weaker mechanisms than before are somebody in the middle until the user says otherwise: a policy
   that is not met, not a wrong password. */
static const int auth_statuses[] = {
  [POSTSEAL_AUTH_ERROR_REJECTED] = STATUS_NO_PERMISSION,
  [POSTSEAL_AUTH_ERROR_NO_MECHANISM] = STATUS_NO_PERMISSION,
  [POSTSEAL_AUTH_ERROR_LATCH] = STATUS_PROTOCOL,
  [POSTSEAL_AUTH_ERROR_BUSY] = STATUS_LATER,
  [POSTSEAL_AUTH_ERROR_SERVER] = STATUS_PROTOCOL,
  [POSTSEAL_AUTH_ERROR_SETTINGS] = STATUS_CONFIG,
};

static const int vault_statuses[] = {
  [POSTSEAL_VAULT_ERROR_ABSENT] = STATUS_NO_PERMISSION,
  [POSTSEAL_VAULT_ERROR_LOCKED] = STATUS_NO_PERMISSION,
  [POSTSEAL_VAULT_ERROR_UNAVAILABLE] = STATUS_NO_PERMISSION,
  [POSTSEAL_VAULT_ERROR_DENIED] = STATUS_NO_PERMISSION,
  [POSTSEAL_VAULT_ERROR_READ_ONLY] = STATUS_CANNOT_CREATE,
  [POSTSEAL_VAULT_ERROR_REAUTHORIZE] = STATUS_NO_PERMISSION,
  [POSTSEAL_VAULT_ERROR_TEMPORARY] = STATUS_LATER,
};

static const int imap_statuses[] = {
  [POSTSEAL_IMAP_ERROR_PROTOCOL] = STATUS_PROTOCOL,
  [POSTSEAL_IMAP_ERROR_REFUSED] = STATUS_UNAVAILABLE,
  [POSTSEAL_IMAP_ERROR_BUSY] = STATUS_LATER,
  [POSTSEAL_IMAP_ERROR_GONE] = STATUS_UNAVAILABLE,
  [POSTSEAL_IMAP_ERROR_NO_UIDS] = STATUS_UNAVAILABLE,
  [POSTSEAL_IMAP_ERROR_LIMIT] = STATUS_LATER,
};

static const int pop3_statuses[] = {
  [POSTSEAL_POP3_ERROR_PROTOCOL] = STATUS_PROTOCOL,
  [POSTSEAL_POP3_ERROR_REFUSED] = STATUS_UNAVAILABLE,
  [POSTSEAL_POP3_ERROR_BUSY] = STATUS_LATER,
  [POSTSEAL_POP3_ERROR_NO_UIDL] = STATUS_UNAVAILABLE,
};

static const int smtp_statuses[] = {
  [POSTSEAL_SMTP_ERROR_PROTOCOL] = STATUS_PROTOCOL,
  [POSTSEAL_SMTP_ERROR_REFUSED] = STATUS_UNAVAILABLE,
  [POSTSEAL_SMTP_ERROR_BUSY] = STATUS_LATER,
  [POSTSEAL_SMTP_ERROR_IN_DOUBT] = STATUS_LATER,
};

static const int outbox_statuses[] = {
  [POSTSEAL_OUTBOX_ERROR_USAGE] = STATUS_USAGE,
  [POSTSEAL_OUTBOX_ERROR_MESSAGE] = STATUS_DATA,
  [POSTSEAL_OUTBOX_ERROR_ADDRESS] = STATUS_DATA,
  [POSTSEAL_OUTBOX_ERROR_INPUT] = STATUS_IO,
  [POSTSEAL_OUTBOX_ERROR_CANNOT_WRITE] = STATUS_CANNOT_CREATE,
  [POSTSEAL_OUTBOX_ERROR_DISK] = STATUS_IO,
  [POSTSEAL_OUTBOX_ERROR_DAMAGED] = STATUS_IO,
  [POSTSEAL_OUTBOX_ERROR_NO_ACCOUNT] = STATUS_CONFIG,
  [POSTSEAL_OUTBOX_ERROR_UNKNOWN] = STATUS_USAGE,
  [POSTSEAL_OUTBOX_ERROR_BUSY] = STATUS_LATER,
};

static const int send_statuses[] = {
  [POSTSEAL_SEND_ERROR_REFUSED] = STATUS_UNAVAILABLE,
  [POSTSEAL_SEND_ERROR_LATER] = STATUS_LATER,
  [POSTSEAL_SEND_ERROR_IN_DOUBT] = STATUS_LATER,
  [POSTSEAL_SEND_ERROR_UNFIT] = STATUS_DATA,
};

static const int ledger_statuses[] = {
  [POSTSEAL_LEDGER_ERROR_CANNOT_WRITE] = STATUS_IO,
  [POSTSEAL_LEDGER_ERROR_DAMAGED] = STATUS_IO,
};

static const int sink_statuses[] = {
  [POSTSEAL_SINK_ERROR_CANNOT_WRITE] = STATUS_CANNOT_CREATE,
  [POSTSEAL_SINK_ERROR_DISK] = STATUS_IO,
  [POSTSEAL_SINK_ERROR_TEMPORARY] = STATUS_LATER,
  [POSTSEAL_SINK_ERROR_REJECTED] = STATUS_UNAVAILABLE,
  [POSTSEAL_SINK_ERROR_NOT_LOOPBACK] = STATUS_PROTOCOL,
};

/* 0 stands for "input or output error". */
static const int file_statuses[] = {
  [G_FILE_ERROR_EXIST] = STATUS_CANNOT_CREATE, [G_FILE_ERROR_ISDIR] = STATUS_CANNOT_CREATE,
  [G_FILE_ERROR_ACCES] = STATUS_CANNOT_CREATE, [G_FILE_ERROR_NAMETOOLONG] = STATUS_CANNOT_CREATE,
  [G_FILE_ERROR_NOENT] = STATUS_CANNOT_CREATE, [G_FILE_ERROR_NOTDIR] = STATUS_CANNOT_CREATE,
  [G_FILE_ERROR_ROFS] = STATUS_CANNOT_CREATE,  [G_FILE_ERROR_TXTBSY] = STATUS_CANNOT_CREATE,
  [G_FILE_ERROR_LOOP] = STATUS_CANNOT_CREATE,  [G_FILE_ERROR_PERM] = STATUS_CANNOT_CREATE,
  [G_FILE_ERROR_MFILE] = STATUS_LATER,         [G_FILE_ERROR_NFILE] = STATUS_LATER,
  [G_FILE_ERROR_NOMEM] = STATUS_LATER,         [G_FILE_ERROR_AGAIN] = STATUS_LATER,
  [G_FILE_ERROR_INTR] = STATUS_LATER,
};

static const int io_statuses[] = {
  [G_IO_ERROR_NOT_FOUND] = STATUS_CANNOT_CREATE,
  [G_IO_ERROR_EXISTS] = STATUS_CANNOT_CREATE,
  [G_IO_ERROR_IS_DIRECTORY] = STATUS_CANNOT_CREATE,
  [G_IO_ERROR_NOT_DIRECTORY] = STATUS_CANNOT_CREATE,
  [G_IO_ERROR_PERMISSION_DENIED] = STATUS_CANNOT_CREATE,
  [G_IO_ERROR_READ_ONLY] = STATUS_CANNOT_CREATE,
  [G_IO_ERROR_INVALID_DATA] = STATUS_PROTOCOL,
  [G_IO_ERROR_MESSAGE_TOO_LARGE] = STATUS_PROTOCOL,
  [G_IO_ERROR_PARTIAL_INPUT] = STATUS_PROTOCOL,
  [G_IO_ERROR_CANCELLED] = STATUS_LATER,
  [G_IO_ERROR_CLOSED] = STATUS_LATER,
  [G_IO_ERROR_PENDING] = STATUS_LATER,
  [G_IO_ERROR_TIMED_OUT] = STATUS_LATER,
  [G_IO_ERROR_WOULD_BLOCK] = STATUS_LATER,
  [G_IO_ERROR_BUSY] = STATUS_LATER,
  [G_IO_ERROR_TOO_MANY_OPEN_FILES] = STATUS_LATER,
  [G_IO_ERROR_HOST_NOT_FOUND] = STATUS_LATER,
  [G_IO_ERROR_HOST_UNREACHABLE] = STATUS_LATER,
  [G_IO_ERROR_NETWORK_UNREACHABLE] = STATUS_LATER,
  [G_IO_ERROR_CONNECTION_REFUSED] = STATUS_LATER,
  [G_IO_ERROR_CONNECTION_CLOSED] = STATUS_LATER, /* also BROKEN_PIPE */
  [G_IO_ERROR_NOT_CONNECTED] = STATUS_LATER,
};

static const struct
{
  GQuark (*domain) (void);
  const int *statuses;
  gsize n_statuses;
} domains[] = {
  { postseal_config_error_quark, config_statuses, G_N_ELEMENTS (config_statuses) },
  { postseal_lock_error_quark, lock_statuses, G_N_ELEMENTS (lock_statuses) },
  { postseal_net_error_quark, net_statuses, G_N_ELEMENTS (net_statuses) },
  { postseal_tls_error_quark, tls_statuses, G_N_ELEMENTS (tls_statuses) },
  { postseal_auth_error_quark, auth_statuses, G_N_ELEMENTS (auth_statuses) },
  { postseal_vault_error_quark, vault_statuses, G_N_ELEMENTS (vault_statuses) },
  { postseal_imap_error_quark, imap_statuses, G_N_ELEMENTS (imap_statuses) },
  { postseal_pop3_error_quark, pop3_statuses, G_N_ELEMENTS (pop3_statuses) },
  { postseal_smtp_error_quark, smtp_statuses, G_N_ELEMENTS (smtp_statuses) },
  { postseal_outbox_error_quark, outbox_statuses, G_N_ELEMENTS (outbox_statuses) },
  { postseal_send_error_quark, send_statuses, G_N_ELEMENTS (send_statuses) },
  { postseal_ledger_error_quark, ledger_statuses, G_N_ELEMENTS (ledger_statuses) },
  { postseal_sink_error_quark, sink_statuses, G_N_ELEMENTS (sink_statuses) },
  { g_file_error_quark, file_statuses, G_N_ELEMENTS (file_statuses) },
  { g_io_error_quark, io_statuses, G_N_ELEMENTS (io_statuses) },
};

int
postseal_outcome_exit_status (const GError *error)
{
  if (error == NULL)
    return 0;
  if (error->domain == G_OPTION_ERROR)
    return STATUS_USAGE;
  if (error->domain == POSTSEAL_SERVICE_ERROR)
    return error->code;
  for (gsize i = 0; i < G_N_ELEMENTS (domains); i++)
    if (error->domain == domains[i].domain ())
      {
        int status = 0;

        if (error->code >= 0 && (gsize)error->code < domains[i].n_statuses)
          status = domains[i].statuses[error->code];
        return status != 0 ? status : STATUS_IO;
      }
  return STATUS_IO;
}

/* The place in the order of gravity, 0 for the least. */
static gsize
rank (int status)
{
  static const int order[] = {
    0,           STATUS_LATER,    STATUS_UNAVAILABLE,   STATUS_CANNOT_CREATE,
    STATUS_IO,   STATUS_PROTOCOL, STATUS_NO_PERMISSION, STATUS_CONFIG,
    STATUS_DATA, STATUS_USAGE,
  };

  for (gsize i = 0; i < G_N_ELEMENTS (order); i++)
    if (order[i] == status)
      return i;
  return G_N_ELEMENTS (order);
}

int
postseal_outcome_graver (int a, int b)
{
  return rank (a) >= rank (b) ? a : b;
}

void
postseal_outcome_keep_graver (GError **known, GError *error)
{
  int status = postseal_outcome_exit_status (error);
  int known_status = postseal_outcome_exit_status (*known);

  if (*known != NULL
      && (status == known_status || postseal_outcome_graver (status, known_status) != status))
    {
      g_error_free (error);
      return;
    }
  g_clear_error (known);
  *known = error;
}
