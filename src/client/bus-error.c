/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/bus-error-private.h"

#include <glib/gi18n-lib.h>

#include "base/printable.h"
#include "engine/service.h"

/* sysexits.h names them; the numbers are the contract. */
enum
{
  STATUS_UNAVAILABLE = 69,
  STATUS_IO = 74,
  STATUS_LATER = 75,
  STATUS_CONFIG = 78,
};

static const GDBusErrorEntry names[] = {
  { 64, "org.postseal.Error.Usage" },       { 65, "org.postseal.Error.Data" },
  { 69, "org.postseal.Error.Unavailable" }, { 73, "org.postseal.Error.Create" },
  { 74, "org.postseal.Error.IO" },          { 75, "org.postseal.Error.Later" },
  { 76, "org.postseal.Error.Policy" },      { 77, "org.postseal.Error.Permission" },
  { 78, "org.postseal.Error.Config" },
};

void
_postseal_bus_error_register (void)
{
  static gsize is_done;

  if (!g_once_init_enter (&is_done))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_dbus_error_register_error (POSTSEAL_SERVICE_ERROR, names[i].error_code,
                                 names[i].dbus_error_name);
  g_once_init_leave (&is_done, 1);
}

GError *
_postseal_bus_error_encode (const GError *error)
{
  g_autoptr (GError) own = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return g_error_new_literal (POSTSEAL_SERVICE_ERROR, STATUS_LATER, error->message);
  own = error->domain == POSTSEAL_SERVICE_ERROR ? g_error_copy (error)
                                                : postseal_service_error_from (error);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (names[i].error_code == own->code)
      return g_steal_pointer (&own);
  return g_error_new_literal (POSTSEAL_SERVICE_ERROR, STATUS_IO, own->message);
}

static gboolean
is_end (const GError *error)
{
  static const int bus_codes[]
      = { G_DBUS_ERROR_NO_REPLY,          G_DBUS_ERROR_DISCONNECTED, G_DBUS_ERROR_SERVICE_UNKNOWN,
          G_DBUS_ERROR_NAME_HAS_NO_OWNER, G_DBUS_ERROR_TIMEOUT,      G_DBUS_ERROR_TIMED_OUT };
  static const int io_codes[] = { G_IO_ERROR_CLOSED, G_IO_ERROR_CONNECTION_CLOSED,
                                  G_IO_ERROR_NOT_CONNECTED, G_IO_ERROR_TIMED_OUT };

  for (guint i = 0; i < G_N_ELEMENTS (bus_codes); i++)
    if (g_error_matches (error, G_DBUS_ERROR, bus_codes[i]))
      return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (io_codes); i++)
    if (g_error_matches (error, G_IO_ERROR, io_codes[i]))
      return TRUE;
  return FALSE;
}

gboolean
_postseal_bus_error_is_unknown (const GError *error)
{
  return g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD)
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT)
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_INTERFACE);
}

GError *
_postseal_bus_error_decode (const GError *error, const char *account)
{
  g_autoptr (GError) clean = g_error_copy (error);
  g_autofree char *said = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return g_steal_pointer (&clean);
  g_dbus_error_strip_remote_error (clean);
  if (clean->domain == POSTSEAL_SERVICE_ERROR)
    return g_steal_pointer (&clean);
  if (is_end (clean))
    return _postseal_bus_error_new_lost ();
  said = postseal_printable (clean->message, -1);
  if (_postseal_bus_error_is_unknown (clean) && account != NULL)
    {
      g_autofree char *shown = postseal_printable (account, -1);

      return g_error_new (POSTSEAL_SERVICE_ERROR, STATUS_CONFIG,
                          _ ("There is no account “%s”; see “postseal account list”"), shown);
    }
  if (_postseal_bus_error_is_unknown (clean))
    return g_error_new (POSTSEAL_SERVICE_ERROR, STATUS_UNAVAILABLE,
                        _ ("Postseal's daemon does not know this request; restart it if it is of "
                           "another version (%s)"),
                        said);
  return g_error_new (POSTSEAL_SERVICE_ERROR,
                      g_error_matches (clean, G_DBUS_ERROR, G_DBUS_ERROR_LIMITS_EXCEEDED)
                          ? STATUS_LATER
                          : STATUS_IO,
                      _ ("Postseal's daemon could not be asked: %s"), said);
}

GError *
_postseal_bus_error_new_absent (const GError *reason)
{
  g_autoptr (GError) clean = NULL;
  g_autofree char *said = NULL;

  if (reason == NULL)
    return g_error_new_literal (POSTSEAL_SERVICE_ERROR, STATUS_UNAVAILABLE,
                                _ ("Postseal's daemon is not running"));
  clean = g_error_copy (reason);
  g_dbus_error_strip_remote_error (clean);
  said = postseal_printable (clean->message, -1);
  return g_error_new (POSTSEAL_SERVICE_ERROR, STATUS_UNAVAILABLE,
                      _ ("Postseal's daemon could not be reached: %s"), said);
}

GError *
_postseal_bus_error_new_lost (void)
{
  return g_error_new_literal (
      POSTSEAL_SERVICE_ERROR, STATUS_LATER,
      _ ("Postseal's daemon has ended before it answered; try again in a moment"));
}
