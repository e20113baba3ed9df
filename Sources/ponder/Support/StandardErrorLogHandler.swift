import Logging

/// Writes the messages of libraries to standard error.
struct StandardErrorLogHandler: LogHandler {
    let label: String
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    init(label: String) { self.label = label }

    func log(event: LogEvent) { StandardError.tell("\(event.level) \(label): \(event.message)") }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
}
