/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/host-check.h"

#include <string.h>

#include "base/loop.h"
#include "check/address-trial.h"
#include "check/finding.h"
#include "check/host-addresses.h"
#include "check/judge-port.h"
#include "check/port-exam.h"
#include "net/lookup.h"

/* Ten seconds in all: what is needed to find the addresses is taken from what the ports have. */
#define WHOLE_MS 9700
#define RESOLVE_MS 4000
#define ADDRESS_MS 3000
#define MOST_ADDRESSES 8

/* As the registry has them (RFC 8314 section 7); 2525 is what providers add where 587 is blocked.
   In the order in which a person looks for them. */
static const struct
{
  guint16 port;
  PostsealProtocol protocol;
  PostsealTlsStart start;
} usual_ports[] = {
  { 993, POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT },
  { 143, POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_UPGRADE },
  { 995, POSTSEAL_PROTOCOL_POP3, POSTSEAL_TLS_START_IMPLICIT },
  { 110, POSTSEAL_PROTOCOL_POP3, POSTSEAL_TLS_START_UPGRADE },
  { 465, POSTSEAL_PROTOCOL_SMTP, POSTSEAL_TLS_START_IMPLICIT },
  { 587, POSTSEAL_PROTOCOL_SMTP, POSTSEAL_TLS_START_UPGRADE },
  { 2525, POSTSEAL_PROTOCOL_SMTP, POSTSEAL_TLS_START_UPGRADE },
  { 25, POSTSEAL_PROTOCOL_SMTP, POSTSEAL_TLS_START_UPGRADE },
};

/* One port. */
typedef struct
{
  GTask *task; /* borrowed */
  guint16 port;
  PostsealPortFacts *facts; /* owned; NULL while it is examined */
  PostsealTlsaAnswer *tlsa; /* owned, nullable */
  PostsealFactState tlsa_state;
  char *tlsa_reason; /* owned, nullable */
  gboolean is_guess; /* nobody said what is spoken there */
  gboolean is_again; /* the greeting told better */
} Port;

typedef struct
{
  char *host; /* owned */
  char *ca_file; /* owned, nullable */
  gboolean probe_injection;
  gint64 ends_us; /* monotonic */
  PostsealLookup *lookup; /* owned */
  PostsealTlsTrust *trust; /* owned, nullable: not loaded yet */
  GError *error; /* owned, nullable: there is no use in going on */
  GPtrArray *addresses; /* owned (element-type GInetAddress); NULL until found */
  GArray *answers; /* owned (element-type PostsealSeen): of each of them, where there are several */
  GPtrArray *ports; /* owned (element-type Port) */
  GCancellable *steps; /* owned: ended with the whole */
  GSource *canceller; /* owned, nullable */
  guint n_open; /* steps under way */
} Check;

static void
free_port (gpointer data)
{
  Port *self = data;

  postseal_port_facts_free (self->facts);
  g_clear_pointer (&self->tlsa, postseal_tlsa_answer_free);
  g_free (self->tlsa_reason);
  g_free (self);
}

static void
free_check (gpointer data)
{
  Check *self = data;

  g_free (self->host);
  g_free (self->ca_file);
  postseal_lookup_unref (self->lookup);
  g_clear_pointer (&self->trust, postseal_tls_trust_unref);
  g_clear_error (&self->error);
  g_clear_pointer (&self->addresses, g_ptr_array_unref);
  g_array_unref (self->answers);
  g_ptr_array_unref (self->ports);
  g_object_unref (self->steps);
  g_free (self);
}

void
postseal_host_report_free (PostsealHostReport *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->findings);
  g_ptr_array_unref (self->ports);
  g_strfreev (self->addresses);
  g_free (self);
}

/* --- the end --- */

static gboolean
is_local (const Check *self)
{
  for (guint i = 0; i < self->addresses->len; i++)
    if (g_inet_address_get_is_loopback (self->addresses->pdata[i]))
      return TRUE;
  return FALSE;
}

/* What the DNS says of the key of @port. */
static void
tell_keys (const Port *port, PostsealPortContext *context)
{
  context->tlsa = port->tlsa;
  context->tlsa_state = port->tlsa_state;
  context->tlsa_reason = port->tlsa_reason;
}

static void
judge_addresses (Check *self, GPtrArray *findings)
{
  PostsealAddressFact facts[MOST_ADDRESSES] = { 0 };
  g_auto (GStrv) texts = g_new0 (char *, self->answers->len + 1);

  for (guint i = 0; i < self->answers->len; i++)
    {
      GInetAddress *address = g_ptr_array_index (self->addresses, i);

      texts[i] = g_inet_address_to_string (address);
      facts[i].address = texts[i];
      facts[i].is_v6 = g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6;
      facts[i].answers = g_array_index (self->answers, PostsealSeen, i);
    }
  postseal_judge_addresses (facts, self->answers->len, self->host, findings);
}

static GPtrArray *
judge (Check *self)
{
  GPtrArray *findings = postseal_findings_new ();
  g_autofree const PostsealPortFacts **facts = g_new0 (const PostsealPortFacts *, self->ports->len);
  PostsealPortContext context = {
    .host = self->host,
    .now = g_get_real_time () / G_USEC_PER_SEC,
    .trust = self->trust,
    .is_local = is_local (self),
  };

  for (guint i = 0; i < self->ports->len; i++)
    {
      const Port *port = g_ptr_array_index (self->ports, i);

      facts[i] = port->facts;
      tell_keys (port, &context);
      postseal_judge_port (port->facts, &context, findings);
    }
  postseal_judge_host (facts, self->ports->len, &context, findings);
  judge_addresses (self, findings);
  return findings;
}

/* Takes what the ports hold. Returns: (transfer full) */
static PostsealHostReport *
make_report (Check *self)
{
  PostsealHostReport *report = g_new0 (PostsealHostReport, 1);
  GPtrArray *addresses = g_ptr_array_new ();

  report->findings = judge (self);
  report->ports = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_port_facts_free);
  for (guint i = 0; i < self->ports->len; i++)
    g_ptr_array_add (report->ports, g_steal_pointer (&((Port *)self->ports->pdata[i])->facts));
  for (guint i = 0; i < self->addresses->len; i++)
    g_ptr_array_add (addresses, g_inet_address_to_string (self->addresses->pdata[i]));
  g_ptr_array_add (addresses, NULL);
  report->addresses = (char **)g_ptr_array_free (addresses, FALSE);
  return report;
}

/* A step has ended. Takes a reference of @task. */
static void
end_step (GTask *task)
{
  Check *self = g_task_get_task_data (task);

  self->n_open--;
  if (self->n_open == 0)
    {
      postseal_loop_clear (&self->canceller);
      if (self->error != NULL)
        g_task_return_error (task, g_steal_pointer (&self->error));
      else if (!g_task_return_error_if_cancelled (task))
        g_task_return_pointer (task, make_report (self), (GDestroyNotify)postseal_host_report_free);
    }
  g_object_unref (task);
}

static void
begin_step (GTask *task)
{
  ((Check *)g_task_get_task_data (task))->n_open++;
  g_object_ref (task);
}

/* --- ports --- */

static void examine (Port *port, PostsealPortFacts *facts);

/* TRUE when the greeting is that of another protocol than was awaited. */
static gboolean
hear_protocol (const PostsealPortFacts *facts, PostsealProtocol *ret_protocol)
{
  const char *greeting = facts->greeting != NULL ? facts->greeting : facts->greeting_after;

  if (facts->state != POSTSEAL_PORT_STRANGE || greeting == NULL)
    return FALSE;
  if (g_str_has_prefix (greeting, "* "))
    *ret_protocol = POSTSEAL_PROTOCOL_IMAP;
  else if (g_str_has_prefix (greeting, "+OK") || g_str_has_prefix (greeting, "-ERR"))
    *ret_protocol = POSTSEAL_PROTOCOL_POP3;
  else if (g_str_has_prefix (greeting, "220"))
    *ret_protocol = POSTSEAL_PROTOCOL_SMTP;
  else
    return FALSE;
  return *ret_protocol != facts->protocol;
}

static void
on_examined (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Port *port = user_data;
  GTask *task = port->task;
  g_autoptr (PostsealPortFacts) facts = postseal_port_exam_finish (result, NULL);
  PostsealProtocol protocol;

  if (facts != NULL && port->is_guess && !port->is_again && hear_protocol (facts, &protocol))
    {
      port->is_again = TRUE;
      examine (port,
               postseal_port_facts_new (protocol, port->port,
                                        facts->greeting != NULL ? POSTSEAL_TLS_START_UPGRADE
                                                                : POSTSEAL_TLS_START_IMPLICIT));
    }
  g_clear_pointer (&port->facts, postseal_port_facts_free);
  port->facts = g_steal_pointer (&facts);
  end_step (task);
}

static void
examine (Port *port, PostsealPortFacts *facts)
{
  Check *self = g_task_get_task_data (port->task);
  gint64 left_ms = (self->ends_us - g_get_monotonic_time ()) / 1000;
  const PostsealPortExam exam = {
    .host = self->host,
    .addresses = self->addresses,
    .probe_injection = self->probe_injection,
    .limit_ms = (guint)MAX (left_ms, 1),
  };

  begin_step (port->task);
  postseal_port_exam_async (&exam, facts, NULL, self->steps, on_examined, port);
}

static void
on_tlsa (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Port *port = user_data;
  const Check *self = g_task_get_task_data (port->task);
  g_autoptr (GError) error = NULL;

  port->tlsa = postseal_lookup_tlsa_finish (self->lookup, result, &error);
  if (g_error_matches (error, POSTSEAL_LOOKUP_ERROR, POSTSEAL_LOOKUP_ERROR_BOGUS))
    port->tlsa_state = POSTSEAL_FACT_BOGUS;
  else if (error != NULL)
    port->tlsa_state = POSTSEAL_FACT_NO_ANSWER;
  port->tlsa_reason = error != NULL ? g_strdup (error->message) : NULL;
  end_step (port->task);
}

/* What only this network knows is not asked about (RFC 6761, RFC 6762). */
static gboolean
is_in_dns (const char *host)
{
  return !g_hostname_is_ip_address (host) && strchr (host, '.') != NULL
         && !g_str_has_suffix (host, ".local") && !g_str_has_suffix (host, ".localhost");
}

static void
start_port (Port *port, PostsealPortFacts *facts)
{
  Check *self = g_task_get_task_data (port->task);
  g_autofree char *service = g_strdup_printf ("_%u._tcp.%s", port->port, self->host);

  examine (port, facts);
  if (!is_in_dns (self->host))
    return;
  begin_step (port->task);
  postseal_lookup_tlsa_async (self->lookup, service, self->steps, on_tlsa, port);
}

/* Takes @facts. */
static void
add_port (GTask *task, PostsealPortFacts *facts, gboolean is_guess)
{
  Check *self = g_task_get_task_data (task);
  Port *port = g_new0 (Port, 1);

  port->task = task;
  port->port = facts->port;
  port->is_guess = is_guess;
  port->facts = facts;
  g_ptr_array_add (self->ports, port);
}

/* Which ports, and what is awaited there. */
static void
choose_ports (GTask *task, const PostsealHostCheck *check)
{
  for (gsize i = 0; i < G_N_ELEMENTS (usual_ports); i++)
    if (check->port == 0 || check->port == usual_ports[i].port)
      add_port (task,
                postseal_port_facts_new (
                    check->has_protocol ? check->protocol : usual_ports[i].protocol,
                    usual_ports[i].port, check->has_start ? check->start : usual_ports[i].start),
                FALSE);
  if (((Check *)g_task_get_task_data (task))->ports->len == 0)
    add_port (task,
              postseal_port_facts_new (
                  check->has_protocol ? check->protocol : POSTSEAL_PROTOCOL_SMTP, check->port,
                  check->has_start ? check->start : POSTSEAL_TLS_START_UPGRADE),
              !check->has_protocol);
}

/* --- addresses --- */

typedef struct
{
  GTask *task; /* borrowed */
  guint index;
} AddressStep;

static void
on_address_tried (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree AddressStep *step = user_data;
  Check *self = g_task_get_task_data (step->task);

  g_array_index (self->answers, PostsealSeen, step->index) = postseal_address_trial_finish (result);
  end_step (step->task);
}

/* An address that leads nowhere is hidden by the others, and costs every connection a try. */
static void
try_addresses (GTask *task)
{
  Check *self = g_task_get_task_data (task);
  guint16 ports[G_N_ELEMENTS (usual_ports)];

  if (self->addresses->len < 2 || is_local (self))
    return;
  for (guint i = 0; i < self->ports->len; i++)
    ports[i] = ((Port *)self->ports->pdata[i])->port;
  g_array_set_size (self->answers, MIN (self->addresses->len, MOST_ADDRESSES));
  for (guint i = 0; i < self->answers->len; i++)
    {
      AddressStep *step = g_new0 (AddressStep, 1);

      step->task = task;
      step->index = i;
      begin_step (task);
      postseal_address_trial_async (self->addresses->pdata[i], ports, self->ports->len, ADDRESS_MS,
                                    self->steps, on_address_tried, step);
    }
}

/* --- authorities --- */

static void
load_trust (GTask *loading, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  PostsealTlsTrust *trust = postseal_tls_trust_load (data, &error);

  if (trust != NULL)
    g_task_return_pointer (loading, trust, (GDestroyNotify)postseal_tls_trust_unref);
  else
    g_task_return_error (loading, error);
}

static void
on_trust_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Check *self = g_task_get_task_data (user_data);

  self->trust = g_task_propagate_pointer (G_TASK (result), &self->error);
  if (self->error != NULL)
    g_cancellable_cancel (self->steps);
  end_step (user_data);
}

/* Longer than a frame, and the ports take longer still. */
static void
start_loading_trust (GTask *task)
{
  const Check *self = g_task_get_task_data (task);
  g_autoptr (GTask) loading = g_task_new (NULL, NULL, on_trust_loaded, task);

  begin_step (task);
  g_task_set_task_data (loading, g_strdup (self->ca_file), g_free);
  g_task_run_in_thread (loading, load_trust);
}

static void
start_ports (GTask *task)
{
  Check *self = g_task_get_task_data (task);

  begin_step (task);
  start_loading_trust (task);
  for (guint i = 0; i < self->ports->len; i++)
    {
      Port *port = g_ptr_array_index (self->ports, i);

      start_port (port, g_steal_pointer (&port->facts));
    }
  try_addresses (task);
  end_step (task);
}

static void
on_addresses (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Check *self = g_task_get_task_data (task);
  GError *error = NULL;

  self->addresses = postseal_host_addresses_find_finish (result, &error);
  if (self->addresses != NULL)
    {
      start_ports (task);
      return;
    }
  postseal_loop_clear (&self->canceller);
  g_task_return_error (task, error);
}

/* --- the whole --- */

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  Check *self = g_task_get_task_data (user_data);

  g_cancellable_cancel (self->steps);
  return G_SOURCE_REMOVE;
}

void
postseal_host_check_async (const PostsealHostCheck *check,
                           const PostsealDiscoverySettings *settings,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Check *self = g_new0 (Check, 1);

  g_task_set_source_tag (task, postseal_host_check_async);
  g_task_set_task_data (task, self, free_check);
  self->host = g_strdup (check->host);
  self->ca_file = g_strdup (check->ca_file);
  self->probe_injection = check->probe_injection;
  self->ends_us = g_get_monotonic_time () + WHOLE_MS * G_TIME_SPAN_MILLISECOND;
  self->lookup = postseal_lookup_new (settings->timeout_ms);
  postseal_lookup_set_settings (self->lookup, settings);
  self->answers = g_array_new (FALSE, TRUE, sizeof (PostsealSeen));
  self->ports = g_ptr_array_new_with_free_func (free_port);
  self->steps = g_cancellable_new ();
  self->canceller = postseal_loop_add_cancellable (cancellable, on_cancelled, task);
  choose_ports (task, check);
  postseal_host_addresses_find_async (self->host, RESOLVE_MS, self->steps, on_addresses,
                                      g_object_ref (task));
}

PostsealHostReport *
postseal_host_check_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
