// SPDX-License-Identifier: GPL-3.0-or-later
#include "editor/manifest_check.h"

#include "api/catalog.h"
#include "api/validation.h"
#include "api/value.h"

#include <yaml-cpp/yaml.h>

#include <QRegularExpression>

#include <algorithm>

namespace keelson::ui {

namespace {

constexpr int diffStepsMax = 2'000;

QString toText(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

/// "line 4, column 7" in a reader's message; -1 when it names none.
int lineIn(const QString& message)
{
    static const QRegularExpression pattern(QStringLiteral("line (\\d+)"));
    const auto match = pattern.match(message);
    return match.hasMatch() ? match.captured(1).toInt() - 1 : -1;
}

void addProblem(ManifestReport& report, const QString& text, const QString& field, const QString& message)
{
    report.problems.push_back(
        {lineOfField(text, field), field.isEmpty() ? message : field + QStringLiteral(": ") + message});
}

void checkAgainstSchema(const api::Kind& kind, const QString& text, api::Value document, ManifestReport& report)
{
    for (const auto& path : api::prune(kind, document))
        addProblem(report, text, toText(path), QStringLiteral("unknown field"));
    if (const auto types = api::checkTypes(kind, document); !types) {
        if (types.error().causes.empty())
            addProblem(report, text, {}, toText(types.error().message));
        for (const auto& cause : types.error().causes)
            addProblem(report, text, toText(cause.field), toText(cause.message));
        return;
    }
    api::applyDefaults(kind, document);
    for (const auto& cause : api::validate(kind, document))
        addProblem(report, text, toText(cause.field), toText(cause.message));
}

/// Myers' greedy walk; the furthest x on each diagonal, kept per step to walk back.
std::vector<DiffLine> walk(const QStringList& a, const QStringList& b)
{
    const int n = static_cast<int>(a.size());
    const int m = static_cast<int>(b.size());
    const int most = std::min(n + m, diffStepsMax);
    std::vector<int> furthest(static_cast<std::size_t>(2 * most + 3), 0);
    std::vector<std::vector<int>> trace;
    const auto at = [most](int diagonal) { return static_cast<std::size_t>(diagonal + most + 1); };
    int steps = -1;
    for (int d = 0; d <= most && steps < 0; ++d) {
        trace.push_back(furthest);
        for (int k = -d; k <= d; k += 2) {
            int x = k == -d || (k != d && furthest[at(k - 1)] < furthest[at(k + 1)]) ? furthest[at(k + 1)]
                                                                                     : furthest[at(k - 1)] + 1;
            while (x < n && x - k < m && a[x] == b[x - k])
                ++x;
            furthest[at(k)] = x;
            if (x >= n && x - k >= m) {
                steps = d;
                break;
            }
        }
    }
    if (steps < 0)
        return {};
    std::vector<DiffLine> lines;
    int x = n;
    int y = m;
    for (int d = steps; d > 0; --d) {
        const auto& before = trace[static_cast<std::size_t>(d)];
        const int k = x - y;
        const bool isAdded = k == -d || (k != d && before[at(k - 1)] < before[at(k + 1)]);
        const int fromK = isAdded ? k + 1 : k - 1;
        const int fromX = before[at(fromK)];
        const int fromY = fromX - fromK;
        while (x > fromX && y > fromY) {
            lines.push_back({DiffLine::Kind::Same, a[--x]});
            --y;
        }
        if (isAdded)
            lines.push_back({DiffLine::Kind::Added, b[--y]});
        else
            lines.push_back({DiffLine::Kind::Removed, a[--x]});
    }
    while (x > 0)
        lines.push_back({DiffLine::Kind::Same, a[--x]});
    std::ranges::reverse(lines);
    return lines;
}

} // namespace

ManifestReport checkManifest(const QString& text)
{
    ManifestReport report;
    const auto bytes = text.toUtf8();
    std::vector<std::string> duplicates;
    const auto document = api::parseYaml({bytes.constData(), static_cast<std::size_t>(bytes.size())}, &duplicates);
    if (!document) {
        const auto message = toText(document.error().message);
        report.problems.push_back({std::max(0, lineIn(message)), message});
        return report;
    }
    for (const auto& path : duplicates)
        addProblem(report, text, toText(path), QStringLiteral("occurs twice"));
    if (!document->is_object()) {
        report.problems.push_back({0, QStringLiteral("a manifest is an object with apiVersion, kind and metadata")});
        return report;
    }
    report.groupVersion = toText(api::stringAt(*document, {"apiVersion"}));
    report.kind = toText(api::stringAt(*document, {"kind"}));
    report.nameSpace = toText(api::stringAt(*document, {"metadata", "namespace"}));
    report.name = toText(api::stringAt(*document, {"metadata", "name"}));
    if (report.groupVersion.isEmpty())
        report.problems.push_back({0, QStringLiteral("apiVersion is missing")});
    if (report.kind.isEmpty())
        report.problems.push_back({0, QStringLiteral("kind is missing")});
    if (report.name.isEmpty())
        addProblem(report, text, QStringLiteral("metadata"), QStringLiteral("name is missing"));
    const auto groupVersion = api::GroupVersion::parse(report.groupVersion.toStdString());
    if (const auto* kind = api::Catalog::builtIn().find(groupVersion, report.kind.toStdString()))
        checkAgainstSchema(*kind, text, *document, report);
    return report;
}

int lineOfField(const QString& text, const QString& path)
{
    static const QRegularExpression separators(QStringLiteral("[.\\[\\]]+"));
    try {
        YAML::Node node = YAML::Load(text.toStdString());
        int line = 0;
        for (const auto& part : path.split(separators, Qt::SkipEmptyParts)) {
            if (node.IsSequence()) {
                const auto index = part.toUInt();
                if (index >= node.size())
                    return line;
                node.reset(node[index]);
                line = node.Mark().line;
                continue;
            }
            if (!node.IsMap())
                return line;
            bool isFound = false;
            for (const auto& entry : node) {
                if (QString::fromStdString(entry.first.Scalar()) != part)
                    continue;
                line = entry.first.Mark().line;
                const YAML::Node value = entry.second;
                node.reset(value);
                isFound = true;
                break;
            }
            if (!isFound)
                return line;
        }
        return std::max(0, line);
    } catch (const YAML::Exception&) {
        return 0;
    }
}

Result<QByteArray> manifestJson(const QString& text)
{
    const auto bytes = text.toUtf8();
    TRY_ASSIGN(const auto document, api::parseYaml({bytes.constData(), static_cast<std::size_t>(bytes.size())}));
    return QByteArray::fromStdString(api::writeJson(document));
}

std::vector<DiffLine> diffLines(const QString& before, const QString& after)
{
    const auto a = before.split(QLatin1Char('\n'));
    const auto b = after.split(QLatin1Char('\n'));
    auto lines = walk(a, b);
    if (!lines.empty())
        return lines;
    for (const auto& line : a)
        lines.push_back({DiffLine::Kind::Removed, line});
    for (const auto& line : b)
        lines.push_back({DiffLine::Kind::Added, line});
    return lines;
}

} // namespace keelson::ui
