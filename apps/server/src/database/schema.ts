// The tables, and how an older database becomes a current one: one step per version, each in a transaction.
import type { Database } from './database.js'

const steps: readonly string[] = [
  /* 1 */ `
  create table jobs (
    id uuid primary key,
    number bigserial unique,
    title text not null,
    state text not null,
    owner text not null,
    priority int not null,
    rank int not null,
    queue text not null,
    workflow_name text,
    document text not null,
    inputs jsonb not null,
    targets jsonb,
    files jsonb not null,
    search text not null,
    use_cache boolean not null,
    retry_limit int not null,
    max_runtime_ms bigint not null,
    submitted_at bigint not null,
    started_at bigint,
    ended_at bigint,
    start_after bigint,
    attempt int not null default 0,
    failures int not null default 0,
    losses int not null default 0,
    dead boolean not null default false,
    lease uuid,
    worker text,
    nodes_total int,
    nodes_done int,
    done_effects jsonb not null default '[]',
    outputs jsonb not null default '[]',
    error jsonb
  );
  create index jobs_by_owner on jobs (owner, number desc);
  create index jobs_waiting on jobs (owner, priority, rank) where state in ('queued', 'paused');
  create index jobs_running on jobs (state) where state = 'running';
  create table job_events (
    job uuid not null references jobs (id) on delete cascade,
    seq int not null,
    at bigint not null,
    body jsonb not null,
    primary key (job, seq)
  );
  create table queues (name text primary key, needs jsonb not null);
  create table settings (key text primary key, value jsonb not null);
  create table tokens (
    name text primary key,
    hash text not null unique,
    scopes jsonb not null,
    created_at bigint not null,
    expires_at bigint,
    last_used_at bigint
  );
  create table artifacts (
    digest text not null,
    owner text not null,
    name text not null,
    media_type text not null,
    size_bytes bigint not null,
    width int,
    height int,
    uploaded boolean not null,
    created_at bigint not null,
    primary key (digest, owner, name)
  );
  create table job_artifacts (
    job uuid not null references jobs (id) on delete cascade,
    digest text not null,
    primary key (job, digest)
  );
  create index job_artifacts_by_digest on job_artifacts (digest);
  create table revisions (
    name text not null,
    revision int not null,
    owner text not null,
    text text not null,
    digest text not null,
    base int not null,
    conflict boolean not null,
    saved_at bigint not null,
    primary key (owner, name, revision)
  );
  create table applied (id uuid primary key, at bigint not null);
  create table schedules (
    id text not null,
    owner text not null,
    request jsonb not null,
    primary key (owner, id)
  );
  `,
  /* 2: clients of ComfyUI */ `
  create table comfy_prompts (
    job uuid primary key,
    owner text not null,
    client_id text,
    number double precision,
    front boolean not null,
    hidden boolean not null default false,
    prompt text not null,
    extra_data text not null,
    outputs text not null,
    node_of jsonb not null
  );
  create index comfy_prompts_by_owner on comfy_prompts (owner);
  create table comfy_files (
    owner text not null,
    type text not null,
    subfolder text not null,
    name text not null,
    digest text not null,
    file text not null,
    primary key (owner, type, subfolder, name)
  );
  `,
  /* 3: a page of the waiting line without sorting it */ `
  drop index jobs_waiting;
  create index jobs_waiting_by_owner on jobs (owner, priority desc, rank, number) where state in ('queued', 'paused');
  create index jobs_waiting on jobs (priority desc, rank, number) where state in ('queued', 'paused');
  `,
]

/** Brings the tables to the current version. Throws on a database that a newer server has written. */
export async function migrate(database: Database): Promise<void> {
  await database.query('create table if not exists dreamgraph_version (version int not null)')
  const [row] = await database.query<{ version: number }>('select version from dreamgraph_version')
  const version = row?.version ?? 0
  if (version > steps.length) {
    throw new Error(`database: expected tables of version ${steps.length} at most, got ${version} of a newer server`)
  }
  for (const [index, step] of steps.entries()) {
    if (index < version) continue
    await database.transaction(async (tx) => {
      await tx.query(step)
      await tx.query('delete from dreamgraph_version')
      await tx.query('insert into dreamgraph_version values ($1)', [index + 1])
    })
  }
}
