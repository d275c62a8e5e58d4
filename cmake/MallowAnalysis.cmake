# libmallow-analysis: the public reading library (include/mallow/snapshot.h), of the layers
# that read. Both kinds hold the same objects; the shared one exports only what that header
# declares, for all else is compiled hidden.
set(analysis_layers base heap store symbol analyze snapshot)
foreach(layer IN LISTS analysis_layers)
	list(APPEND analysis_objects $<TARGET_OBJECTS:mlw_${layer}>)
endforeach()
# What the static one needs of its user, beside libc.
set(analysis_static_libs sqlite3 zstd xxhash dw elf iberty)
set(analysis_needs PkgConfig::SQLITE PkgConfig::ZSTD PkgConfig::XXHASH PkgConfig::LIBDW
	Iberty::Iberty)

add_library(libmallow_analysis SHARED ${analysis_objects})
target_link_libraries(libmallow_analysis PRIVATE mallow_outside ${analysis_needs})
# What it takes from static libraries (libiberty) is no part of it either.
target_link_options(libmallow_analysis PRIVATE -Wl,-z,now -Wl,-z,relro
	-Wl,--exclude-libs,ALL)
if(NOT MALLOW_SANITIZE)
	target_link_options(libmallow_analysis PRIVATE -Wl,--no-undefined)
endif()
set_target_properties(libmallow_analysis PROPERTIES OUTPUT_NAME mallow-analysis
	EXPORT_NAME analysis
	LINKER_LANGUAGE C VERSION ${PROJECT_VERSION} SOVERSION 0
	LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)

add_library(libmallow_analysis_static STATIC ${analysis_objects})
set_target_properties(libmallow_analysis_static PROPERTIES OUTPUT_NAME mallow-analysis
	EXPORT_NAME analysis_static
	LINKER_LANGUAGE C ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
target_link_libraries(libmallow_analysis_static INTERFACE
	"$<INSTALL_INTERFACE:${analysis_static_libs}>")
if(MALLOW_LINKS_LTO)
	add_custom_command(TARGET libmallow_analysis_static POST_BUILD
		COMMAND ${CMAKE_OBJCOPY} --remove-section=.gnu.lto_*
			--remove-section=.gnu.debuglto_* $<TARGET_FILE:libmallow_analysis_static>
		VERBATIM)
endif()
foreach(target libmallow_analysis libmallow_analysis_static)
	target_include_directories(${target} INTERFACE
		"$<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include>"
		"$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
endforeach()
list(TRANSFORM analysis_static_libs PREPEND "-l" OUTPUT_VARIABLE words)
list(JOIN words " " words)
set(MALLOW_ANALYSIS_STATIC_LIBS "${words}" CACHE INTERNAL "for mallow-analysis.pc")
