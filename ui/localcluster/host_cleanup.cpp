// SPDX-License-Identifier: GPL-3.0-or-later
#include "localcluster/host_cleanup.h"

#include <QFile>
#include <QProcess>

#include <algorithm>
#include <sys/mount.h>

namespace keelson::localcluster {
namespace {

constexpr int programTimeoutMs = 10'000;
constexpr Milliseconds stragglerTime{500};

/// What it writes, empty when it fails.
QString outputOf(const QString& program, const QStringList& arguments)
{
    QProcess process;
    process.start(program, arguments);
    if (!process.waitForFinished(programTimeoutMs) || process.exitCode() != 0)
        return {};
    return QString::fromUtf8(process.readAllStandardOutput());
}

bool isOfNode(const QString& name, const QString& node)
{
    return name.startsWith(QLatin1String("keelson-")) && name.endsWith(QLatin1Char('-') + node);
}

} // namespace

Result<Done> clearAwayNodes(const ContainerEngine* engine, const QStringList& nodes, Patience& patience)
{
    if (engine != nullptr) {
        const auto hasContainers = [engine](const QString& node) {
            const auto containers = engine->containersOf(node);
            return containers && !containers->isEmpty();
        };
        do {
            for (const auto& node : nodes)
                TRY_OK(engine->removeContainers(node));
        } while (patience.wait([&] { return std::ranges::any_of(nodes, hasContainers); }, stragglerTime));
        for (const auto& node : nodes)
            TRY_OK(engine->removeAll(node));
    }
    for (const auto& node : nodes)
        removePacketRules(node);
    return Done{};
}

QStringList mountsBelow(const QString& mountInfo, const QString& folder)
{
    constexpr qsizetype mountPointField = 4;
    QStringList mounts;
    const auto lines = mountInfo.split(QLatin1Char('\n'));
    for (const auto& line : lines) {
        auto place = line.section(QLatin1Char(' '), mountPointField, mountPointField);
        place.replace(QLatin1String("\\040"), QLatin1String(" "));
        if (place.startsWith(folder + QLatin1Char('/')))
            mounts.prepend(place);
    }
    return mounts;
}

void unmountBelow(const QString& folder)
{
    QFile mountInfo(QStringLiteral("/proc/self/mountinfo"));
    if (!mountInfo.open(QIODevice::ReadOnly))
        return;
    const auto mounts = mountsBelow(QString::fromUtf8(mountInfo.readAll()), folder);
    for (const auto& mount : mounts)
        ::umount2(mount.toUtf8().constData(), MNT_DETACH);
}

QStringList tablesOfNode(const QString& listing, const QString& node)
{
    QStringList tables;
    const auto lines = listing.split(QLatin1Char('\n'));
    for (const auto& line : lines) {
        const auto words = line.split(QLatin1Char(' '), Qt::SkipEmptyParts);
        if (words.size() == 3 && words[1] == QLatin1String("ip") && isOfNode(words[2], node))
            tables << words[2];
    }
    return tables;
}

QList<QStringList> deletionsOfNode(const QString& listing, const QString& node)
{
    QList<QStringList> deletions;
    const auto lines = listing.split(QLatin1Char('\n'));
    for (const auto& line : lines) {
        auto words = QProcess::splitCommand(line);
        const auto remark = words.indexOf(QStringLiteral("--comment"));
        if (remark < 0 || remark + 1 >= words.size() || !isOfNode(words[remark + 1], node) || words[0] != "-A")
            continue;
        words[0] = QStringLiteral("-D");
        deletions << words;
    }
    return deletions;
}

void removePacketRules(const QString& node)
{
    const auto nft = QStringLiteral("nft");
    const auto tables = tablesOfNode(outputOf(nft, {"list", "tables"}), node);
    for (const auto& table : tables)
        outputOf(nft, {"delete", "table", "ip", table});
    const auto iptables = QStringLiteral("iptables");
    const auto deletions = deletionsOfNode(outputOf(iptables, {"-w", "5", "-S", "DOCKER-USER"}), node);
    for (const auto& deletion : deletions)
        outputOf(iptables, QStringList{"-w", "5"} + deletion);
}

} // namespace keelson::localcluster
