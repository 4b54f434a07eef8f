// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QString>
#include <QVector>

#include <vector>

namespace keelson::ui {

/// Something that is wrong with a manifest, where it stands in the text.
struct ManifestProblem {
    int line = 0; ///< From 0.
    QString message;
    bool operator==(const ManifestProblem&) const = default;
};

/// What a manifest is, as far as it could be read.
struct ManifestReport {
    QVector<ManifestProblem> problems;
    QString groupVersion, kind, nameSpace, name;
};

/// Pure; any thread: reads the text, and checks it against the kinds that are compiled in (unknown fields, types,
/// rules). Kinds that are not known are only read.
ManifestReport checkManifest(const QString& text);
/// The line of a field path such as "spec.containers[0].image" in the text; of its nearest parent that exists.
int lineOfField(const QString& text, const QString& path);
/// The manifest as the JSON that the API server wants; `BadRequest` when it is no YAML.
Result<QByteArray> manifestJson(const QString& text);

/// A line of a difference: what it was, what it is, or both.
struct DiffLine {
    enum class Kind { Same, Added, Removed } kind = Kind::Same;
    QString text;
};
/// The shortest difference by lines; for texts that differ too much, all of one and all of the other.
std::vector<DiffLine> diffLines(const QString& before, const QString& after);

} // namespace keelson::ui
