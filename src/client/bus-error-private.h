/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Errors of the service on their way over the bus: org.postseal.Error.*, see engine/service.h. */

/* Makes GDBus know the names, in both directions. To be called before anything else here. */
void _postseal_bus_error_register (void);

/* What to answer a caller with for @error of a service. Returns: (transfer full) */
GError *_postseal_bus_error_encode (const GError *error);

/**
 * _postseal_bus_error_decode:
 * @error: what GDBus says of a call
 * @account: (nullable): whose object was called
 *
 * Returns: (transfer full): POSTSEAL_SERVICE_ERROR, or %G_IO_ERROR_CANCELLED
 */
GError *_postseal_bus_error_decode (const GError *error, const char *account);

/* The object that was called, or its method, is not there. */
gboolean _postseal_bus_error_is_unknown (const GError *error);

/* There is no daemon, or no bus: 69. @reason: (nullable). Returns: (transfer full) */
GError *_postseal_bus_error_new_absent (const GError *reason);
/* The daemon has gone: 75. Returns: (transfer full) */
GError *_postseal_bus_error_new_lost (void);

G_END_DECLS
