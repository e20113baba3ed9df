import GRDB

/// The tables, which any SQLite program can read.
///
/// A `version` is the number of optimizer steps that the generating policy has had: training step s learns
/// from traces of version s − 1. Times are seconds since 1970.
enum RunDatabaseSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE steps (
                        step INTEGER PRIMARY KEY,
                        time REAL NOT NULL,
                        seconds REAL NOT NULL,
                        reward REAL NOT NULL,
                        format REAL NOT NULL,
                        accuracy REAL NOT NULL,
                        thought_length REAL NOT NULL,
                        tokens INTEGER NOT NULL,
                        metrics TEXT NOT NULL           -- all of them: a line of metrics.jsonl
                    );
                    CREATE TABLE evaluations (
                        version INTEGER NOT NULL,
                        purpose TEXT NOT NULL,          -- evaluation: sampled; greedy; direct: no thought
                        time REAL NOT NULL,
                        problems INTEGER NOT NULL,
                        correct INTEGER NOT NULL,
                        formatted INTEGER NOT NULL,
                        thought_length REAL NOT NULL,   -- mean, in characters
                        details TEXT NOT NULL,          -- JSON: EvaluationRecord.Details
                        PRIMARY KEY (version, purpose)
                    ) WITHOUT ROWID;
                    CREATE TABLE groups (
                        version INTEGER NOT NULL,
                        purpose TEXT NOT NULL,
                        problem INTEGER NOT NULL,       -- place in the round
                        problem_id TEXT NOT NULL,
                        question TEXT NOT NULL,
                        expected TEXT NOT NULL,
                        difficulty INTEGER NOT NULL,
                        samples INTEGER NOT NULL,
                        correct INTEGER NOT NULL,
                        reward_mean REAL NOT NULL,
                        reward_min REAL NOT NULL,
                        reward_max REAL NOT NULL,
                        worker TEXT,
                        PRIMARY KEY (version, purpose, problem)
                    ) WITHOUT ROWID;
                    CREATE TABLE traces (
                        version INTEGER NOT NULL,
                        purpose TEXT NOT NULL,
                        problem INTEGER NOT NULL,
                        sample INTEGER NOT NULL,
                        response TEXT NOT NULL,
                        tokens INTEGER NOT NULL,
                        finish TEXT NOT NULL,
                        reward REAL NOT NULL,
                        reward_format REAL NOT NULL,
                        reward_accuracy REAL NOT NULL,
                        verdict TEXT,                   -- NULL: there was no answer to judge
                        PRIMARY KEY (version, purpose, problem, sample),
                        FOREIGN KEY (version, purpose, problem) REFERENCES groups ON DELETE CASCADE
                    ) WITHOUT ROWID;
                    CREATE TABLE workers (
                        name TEXT PRIMARY KEY,
                        host TEXT NOT NULL,
                        process INTEGER NOT NULL,
                        state TEXT NOT NULL,
                        time REAL NOT NULL,             -- of this row
                        report TEXT NOT NULL            -- JSON: everything known
                    ) WITHOUT ROWID;
                    CREATE TABLE events (
                        id INTEGER PRIMARY KEY AUTOINCREMENT,
                        time REAL NOT NULL,
                        monotonic REAL NOT NULL,        -- seconds since this coordinator began
                        epoch INTEGER NOT NULL,         -- incarnation of the coordinator
                        step INTEGER,
                        kind TEXT NOT NULL,
                        message TEXT NOT NULL
                    );
                    CREATE TABLE facts (
                        name TEXT PRIMARY KEY,
                        time REAL NOT NULL,
                        value TEXT NOT NULL             -- JSON
                    ) WITHOUT ROWID;
                    """)
        }
        migrator.registerMigration("2") { database in
            // Share of the reward for the answer, 0 to 1; NULL without a verdict, and in rows older than this
            // column.
            try database.execute(sql: "ALTER TABLE traces ADD COLUMN credit REAL")
        }
        migrator.registerMigration("rewards") { database in
            // Further rewards as JSON, [{"name", "value", "verdict"}], NULL without any; and whether the trace is left
            // out of advantages and loss.
            try database.execute(
                sql: """
                    ALTER TABLE traces ADD COLUMN rewards TEXT;
                    ALTER TABLE traces ADD COLUMN excluded INTEGER NOT NULL DEFAULT 0;
                    """)
        }
        migrator.registerMigration("replay") { database in
            // What each step learned from, in the order it was learned, and the configuration that held then.
            try database.execute(
                sql: """
                    CREATE TABLE configurations (
                        id INTEGER PRIMARY KEY,
                        json TEXT NOT NULL UNIQUE
                    );
                    CREATE TABLE learned (
                        step INTEGER PRIMARY KEY,
                        configuration INTEGER NOT NULL REFERENCES configurations,
                        bytes INTEGER NOT NULL,         -- the size of groups
                        groups BLOB NOT NULL            -- PackedStep
                    );
                    """)
        }
        migrator.registerMigration("aha") { database in
            // What a program reads of an event, as JSON: AhaMoment for kind aha.
            try database.execute(
                sql: """
                    ALTER TABLE events ADD COLUMN detail TEXT;
                    CREATE INDEX events_aha ON events (step) WHERE kind = 'aha';
                    """)
        }
        migrator.registerMigration("traces") { database in
            // Every index of traces holds all that filters ask for, so that no filter reads a response.
            try database.execute(
                sql: """
                    ALTER TABLE traces ADD COLUMN token_data BLOB;  -- `TokenRecord`; NULL: not kept
                    CREATE INDEX trace_versions ON traces
                        (version, purpose, problem, sample, reward, tokens, verdict);
                    CREATE INDEX trace_rewards ON traces (reward, version, tokens, verdict);
                    CREATE INDEX trace_lengths ON traces (tokens, version, reward, verdict);
                    CREATE INDEX trace_tokens ON traces (version, purpose, problem, sample)
                        WHERE token_data IS NOT NULL;
                    CREATE INDEX group_problems ON groups (problem_id);
                    CREATE INDEX group_workers ON groups (worker);
                    """)
        }
        return migrator
    }
}
