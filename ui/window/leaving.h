// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointer>
#include <QVector>

#include <functional>

class QMessageBox;
class QWidget;

namespace keelson::ui {

class Manifest;
class YamlTab;

/// What somebody wrote that is neither applied nor saved.
struct Unfinished {
    QVector<QPointer<YamlTab>> texts; ///< Of objects, not applied.
    QVector<QPointer<Manifest>> manifests;

    bool isEmpty() const { return texts.isEmpty() && manifests.isEmpty(); }
};

/// What is to become of it.
enum class Parting {
    Apply,   ///< The texts first; nothing is left behind.
    Save,    ///< The manifests, which are all there is.
    Keep,    ///< As copies, for the next time.
    Discard, ///< It is not wanted.
    Stay,
};

/// Asks, without waiting, and names what is at stake. One question at a time: asked again, the first comes to the
/// front. `title`: what is about to happen, "Quit". The buttons' object names are those of `Parting`, in small letters.
void askBeforeLeaving(QWidget* window, const QString& title, const Unfinished& unfinished,
                      std::function<void(Parting)> answered);

} // namespace keelson::ui
