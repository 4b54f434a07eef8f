// SPDX-License-Identifier: GPL-3.0-or-later
// How places and groups are kept: beside the manifest, or, where that cannot be, with the program's own data.
#include "designer/design_model.h"

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QPointer>
#include <QSaveFile>

namespace keelson::ui {

namespace {

constexpr qint64 sidecarBytesMax = qint64{4} * 1024 * 1024;

QString sidecarPath(const QString& manifest)
{
    const auto path = design::sidecarOf(std::filesystem::path(manifest.toStdU16String()));
    return QString::fromStdU16String(path.u16string());
}

std::optional<design::NamedLayout> readFile(const QString& path)
{
    QFile file(path);
    if (path.isEmpty() || !file.open(QIODevice::ReadOnly))
        return std::nullopt;
    return design::readSidecar(file.read(sidecarBytesMax).toStdString());
}

bool writeFile(const QString& path, const std::string& text)
{
    QSaveFile file(path);
    return !path.isEmpty() && file.open(QIODevice::WriteOnly) &&
           file.write(text.data(), static_cast<qint64>(text.size())) == static_cast<qint64>(text.size()) &&
           file.flush() && // which commit() does not look at
           file.commit();
}

} // namespace

QString DesignModel::fallbackFile(const Manifest& manifest) const
{
    if (m_dataFolder.isEmpty())
        return {};
    // Texts without a file have no name that outlives the session: they share one file, and find their cards by name.
    const auto name = manifest.path().isEmpty()
                          ? QStringLiteral("unsaved")
                          : QString::fromLatin1(
                                QCryptographicHash::hash(manifest.path().toUtf8(), QCryptographicHash::Sha256).toHex());
    return m_dataFolder + QLatin1Char('/') + name + QStringLiteral(".layout");
}

void DesignModel::readPlaces(Manifest* manifest)
{
    const auto beside = manifest->path().isEmpty() ? QString() : sidecarPath(manifest->path());
    m_reading.insert(manifest->id());
    m_disk.start([self = QPointer<DesignModel>(this), id = manifest->id(), beside, other = fallbackFile(*manifest)] {
        auto places = readFile(beside);
        if (!places)
            places = readFile(other);
        QMetaObject::invokeMethod(qApp, [self, id, places = std::move(places)] {
            if (!self)
                return;
            self->m_reading.remove(id);
            if (places)
                self->m_remembered[id].merge(*places);
            self->placeCards();
            emit self->placesChanged();
        });
    });
}

void DesignModel::keepPlaces(quint64 manifest)
{
    m_moved.insert(manifest);
    m_toWrite.insert(manifest);
    m_writeTimer.start();
}

void DesignModel::writePlaces()
{
    m_writeTimer.stop();
    for (const auto id : std::exchange(m_toWrite, {})) {
        const auto* manifest = m_session.find(id);
        if (!manifest)
            continue;
        auto places = design::named(m_now, cards(), id);
        for (const auto& other : cards()) // those that share a file
            if (manifest->path().isEmpty() && other.manifest != id && m_session.find(other.manifest) &&
                m_session.find(other.manifest)->path().isEmpty())
                places.merge(design::named(m_now, cards(), other.manifest));
        const auto beside = manifest->path().isEmpty() ? QString() : sidecarPath(manifest->path());
        ++m_writing;
        m_disk.start([self = QPointer<DesignModel>(this), beside, other = fallbackFile(*manifest),
                      folder = m_dataFolder, text = design::writeSidecar(places)] {
            if (!writeFile(beside, text)) { // such as in a folder that may not be written
                QDir().mkpath(folder);
                writeFile(other, text);
            }
            QMetaObject::invokeMethod(qApp, [self] {
                if (self)
                    --self->m_writing;
            });
        });
    }
}

} // namespace keelson::ui
