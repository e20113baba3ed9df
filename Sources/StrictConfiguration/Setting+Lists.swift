extension Setting {
    /// A list of texts, none of them empty.
    package static func texts(
        _ path: String, _ field: Field<[String]>, limit: Int, _ about: String,
        resume: ResumeRule = .permission
    ) -> Setting {
        Setting(path: path, about: about, kind: .texts(limit: limit), resume: resume) {
            .texts($0[keyPath: field])
        } write: {
            guard case .texts(let values) = $1, values.count <= limit, !values.contains("") else {
                return false
            }
            $0[keyPath: field] = values
            return true
        }
    }

    /// A list of values that are written as mappings of texts.
    ///
    /// - Parameters:
    ///   - keys: of each mapping.
    ///   - texts: a value's texts, in the order of the keys.
    ///   - value: the value of texts in that order.
    package static func records<Value>(
        _ path: String, _ field: Field<[Value]>, keys: [String], limit: Int,
        texts: @escaping @Sendable (Value) -> [String], value: @escaping @Sendable ([String]) -> Value,
        _ about: String
    ) -> Setting {
        Setting(path: path, about: about, kind: .records(keys: keys, limit: limit)) { root in
            .records(root[keyPath: field].map { zip(keys, texts($0)).map(SettingText.init) })
        } write: {
            guard case .records(let records) = $1, records.count <= limit,
                records.allSatisfy({ $0.map(\.name) == keys && !$0.map(\.text).contains("") })
            else { return false }
            $0[keyPath: field] = records.map { value($0.map(\.text)) }
            return true
        }
    }
}
