/// A setting of the problems, the prompt or the tags has a value that cannot be used.
package struct SettingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The name of the setting in a run configuration.
    package let setting: String
    package let value: String
    /// The allowed values.
    package let remedy: String

    package init(setting: String, value: String, remedy: String) {
        self.setting = setting
        self.value = value
        self.remedy = remedy
    }

    package var description: String { "\(setting): '\(value)' cannot be used; \(remedy)" }
}
