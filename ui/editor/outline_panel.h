// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "editor/manifest_session.h"

#include <QTreeWidget>

#include <map>

namespace keelson::ui {

/// The documents of one manifest, and their parts, as a tree; the one that the cursor is in is current.
class OutlinePanel : public QTreeWidget {
    Q_OBJECT
public:
    explicit OutlinePanel(QWidget* parent = nullptr);

    /// From the trees that were read; while one is missing, what is shown stays. `problems`: how many of each
    /// document's findings are errors.
    void setManifest(const Manifest* manifest, const std::map<std::size_t, int>& problems);
    void setCursor(std::size_t offset);

signals:
    void placeRequested(std::size_t offset);

private:
    struct Place {
        QString title;
        QString icon;
        std::size_t offset = 0;
        std::vector<Place> parts;
    };
    static Place placeOf(const document::ManifestText& text, std::size_t document);
    static void addParts(const document::Tree& tree, document::NodeId id, std::size_t base, int depth, Place& place);
    void sync(QTreeWidgetItem* parent, const std::vector<Place>& places);

    bool m_isSyncing = false;
};

} // namespace keelson::ui
