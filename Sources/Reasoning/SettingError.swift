/// A setting of the problems, the prompt or the tags that cannot be used.
package struct SettingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Name of the setting, as in a run configuration.
    package let setting: String
    package let value: String
    /// What it must be.
    package let remedy: String

    package init(setting: String, value: String, remedy: String) {
        self.setting = setting
        self.value = value
        self.remedy = remedy
    }

    package var description: String { "\(setting): '\(value)' cannot be used; \(remedy)" }
}
