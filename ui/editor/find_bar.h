// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "editor/manifest_editor.h"

#include <QPointer>
#include <QWidget>

#include <vector>

class QCheckBox;
class QLabel;
class QLineEdit;

namespace keelson::ui {

/// How a search reads its words.
struct FindOptions {
    bool isCaseSensitive = false;
    bool isWholeWord = false;
    bool isPattern = false; ///< A regular expression, by line.
};
/// At most so many matches are shown and counted.
inline constexpr std::size_t matchesMax = 5'000;

/// All matches in a text, as bytes; none for a pattern that is broken. Pure.
std::vector<document::Span> findAll(const std::string& text, const QString& words, const FindOptions& options);

/// Finds and replaces in one editor. Replacing all is one step for undo.
class FindBar : public QWidget {
    Q_OBJECT
public:
    explicit FindBar(QWidget* parent = nullptr);

    void setEditor(ManifestEditor* editor);
    void open(bool withReplace);
    void find(bool forward);
    void replaceCurrent();
    void replaceAll();
    QLineEdit* wordsField() const { return m_words; }
    QLineEdit* replacementField() const { return m_replacement; }

signals:
    void closed();

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    QWidget* buildReplaceRow();
    FindOptions options() const;
    void search();

    QPointer<ManifestEditor> m_editor;
    QLineEdit* m_words;
    QLineEdit* m_replacement;
    QWidget* m_replaceRow;
    QCheckBox* m_case;
    QCheckBox* m_whole;
    QCheckBox* m_pattern;
    QLabel* m_count;
    std::vector<document::Span> m_matches;
};

} // namespace keelson::ui
